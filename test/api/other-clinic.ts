import { once } from "node:events";
import { createServer } from "node:http";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** Another organisation on the same server, whose people come with tokens of an issuer of their own. */
export interface OtherClinic {
  /** What makes a server take its tokens. */
  readonly settings: Readonly<Record<string, string>>;
  /** The access token of somebody there. */
  token(...roles: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

export async function openOtherClinic(): Promise<OtherClinic> {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "k1", alg: "ES256" }] });
  const server = createServer((_, response) => {
    response.setHeader("content-type", "application/json").end(keys);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  return {
    settings: {
      OIDC_ISSUER: issuer,
      OIDC_JWKS: `${issuer}/jwks.json`,
      OIDC_AUDIENCE: "hugmedo",
      OIDC_ORG: "other-clinic",
    },
    token: (...roles) =>
      new SignJWT({ roles, name: "Somebody else" })
        .setProtectedHeader({ alg: "ES256", kid: "k1", typ: "at+jwt" })
        .setIssuer(issuer)
        .setAudience("hugmedo")
        .setSubject("somebody")
        .setIssuedAt()
        .setExpirationTime("10m")
        .sign(privateKey),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
