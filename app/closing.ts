/** What was opened is given back in reverse order. */
export interface Closing {
  /** `step` is part of the closing from now on. */
  later(step: () => unknown): void;
  close(): Promise<void>;
}

export function createClosing(): Closing {
  const steps: (() => unknown)[] = [];
  return {
    later: (step) => void steps.push(step),
    close: async () => {
      for (const step of steps.splice(0).reverse()) await step();
    },
  };
}
