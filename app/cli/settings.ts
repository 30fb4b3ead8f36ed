/** Where the server is and who asks, from the environment. The command line has the address alone: others can read it. */
export interface CliSettings {
  readonly url: string;
  /** null: neither a token nor a user and a password were given. */
  readonly credentials: Credentials | null;
}

export type Credentials =
  | { readonly token: string }
  | { readonly username: string; readonly password: string };

type Environment = Readonly<Record<string, string | undefined>>;

/** The settings of `hugmedo --help`; an empty one counts as none. */
export function readSettings(env: Environment = process.env): CliSettings {
  return { url: env.HUGMEDO_URL?.trim() || "http://localhost:2567", credentials: credentialsOf(env) };
}

function credentialsOf(env: Environment): Credentials | null {
  const token = env.HUGMEDO_TOKEN?.trim();
  if (token) return { token };
  const username = env.HUGMEDO_USER?.trim();
  const password = env.HUGMEDO_PASSWORD;
  return username && password ? { username, password } : null;
}
