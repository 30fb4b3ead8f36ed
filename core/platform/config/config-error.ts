/** The start is stopped by a setting that is wrong; the message names it and what it takes. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}
