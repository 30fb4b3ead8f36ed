/**
 * Keeps `--app-height` at what is visible, so that an on-screen keyboard never covers the field that is
 * written in (where the browser lays its keyboard over the page). Runs until the returned function is called.
 */
export function followViewport(root: HTMLElement): () => void {
  const viewport = window.visualViewport;
  if (!viewport) return () => undefined;
  const follow = () => {
    // A magnified page keeps its size: the reader moves over it.
    if (viewport.scale > 1.01) return;
    root.style.setProperty("--app-height", `${viewport.height}px`);
    if (viewport.offsetTop > 0) window.scrollTo(0, 0);
  };
  follow();
  viewport.addEventListener("resize", follow);
  return () => viewport.removeEventListener("resize", follow);
}
