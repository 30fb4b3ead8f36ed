import { describe, expect, it } from "vitest";
import { ConfigError } from "./config/config-error.ts";
import { describeConfig, loadConfig } from "./config.ts";

describe("the configuration", () => {
  it("has a default for everything", () => {
    expect(loadConfig({})).toMatchObject({
      port: 2567,
      databaseUrl: null,
      demo: true,
      logLevel: "warn",
      commandsPerSecond: 20,
      oidc: null,
    });
  });

  it.each([
    ["PORT", "eighty"],
    ["PORT", "70000"],
    ["DATABASE_URL", "mysql://localhost/x"],
    ["LOG_LEVEL", "loud"],
    ["DEMO", "maybe"],
    ["PUBLIC_ADDRESS", "clinic"],
    ["METRICS_TOKEN", "hunter2"],
    ["MEDIA_ORDER", "pigeons"],
    ["STUN_URLS", "turn:clinic.example"],
    ["TURN_URLS", "https://clinic.example"],
    ["TURN_SECRET", "hunter2"],
    ["TURN_TTL_SECONDS", "59"],
    ["CHIME_REGION", "Tokyo"],
    ["CHIME_MEDIA_REGION", "nearest"],
    ["CHIME_ENDPOINT", "chime.example"],
    ["CHIME_ECHO_REDUCTION", "much"],
    ["CHIME_TRANSCRIPTION", "tlh-QO"],
    ["CHIME_RECORDING_BUCKET", "just-a-name"],
    ["CHIME_RECORDING_BUCKET", "arn:aws:s3:::Clinic/../x"],
    ["CHIME_RECORDING_REGION", "tokyo"],
  ])("stops the start over a wrong %s, naming it, and not what it was", (name, value) => {
    expect(() => loadConfig({ [name]: value })).toThrow(ConfigError);
    expect(() => loadConfig({ [name]: value })).toThrow(new RegExp(`\\b${name}:`));
    expect(() => loadConfig({ [name]: value })).not.toThrow(new RegExp(value));
  });

  it("refuses demo accounts in production, and seeds none by itself where the data matters", () => {
    expect(() => loadConfig({ NODE_ENV: "production", DEMO: "1" })).toThrow(/^DEMO/);
    expect(loadConfig({ NODE_ENV: "production" }).demo).toBe(false);
    expect(loadConfig({ DATABASE_URL: "postgres://localhost/x" }).demo).toBe(false);
    expect(loadConfig({ DATABASE_URL: "postgres://localhost/x", DEMO: "1" }).demo).toBe(true);
  });

  it("takes relays only together with the secret that they share with us", () => {
    const relays = { TURN_URLS: "turn:a.example:3478?transport=udp, turns:b.example" };
    expect(() => loadConfig(relays)).toThrow(/^TURN_URLS.*TURN_SECRET/);
    const { media } = loadConfig({ ...relays, TURN_SECRET: "0123456789abcdef" });
    expect(media).toMatchObject({ turnUrls: ["turn:a.example:3478?transport=udp", "turns:b.example"] });
    expect(loadConfig({}).media).toMatchObject({ order: ["mediasoup", "peer"], stunUrls: [], turnUrls: [] });
  });

  it("runs calls on Amazon Chime where that is given a region, and refuses to without one", () => {
    expect(() => loadConfig({ MEDIA_ORDER: "peer,chime" })).toThrow(/^MEDIA_ORDER.*CHIME_REGION/);
    const region = { CHIME_REGION: "ap-northeast-1" };
    const chime = { region: "ap-northeast-1", mediaRegion: null, endpoint: null, echoReduction: false };
    expect(loadConfig(region).media).toMatchObject({ order: ["chime", "mediasoup", "peer"], chime });
    expect(loadConfig({ ...region, MEDIA_ORDER: "peer" }).media.order).toEqual(["peer"]);
    const more = { CHIME_MEDIA_REGION: "us-gov-west-1", CHIME_ENDPOINT: "http://127.0.0.1:1" };
    expect(loadConfig({ ...region, ...more }).media.chime).toMatchObject({
      mediaRegion: "us-gov-west-1",
      endpoint: "http://127.0.0.1:1",
    });
    expect(loadConfig({}).media.chime).toBeNull();
  });

  it("runs calls on mediasoup where a node is here, or may be in another process", () => {
    const remote = { DATABASE_URL: "postgres://me@db/x" };
    expect(loadConfig({ ROLES: "rooms,api" }).media.order).toEqual(["peer"]);
    expect(loadConfig({ ...remote, ROLES: "rooms,api" }).media).toMatchObject({
      order: ["mediasoup", "peer"],
      mediasoup: { here: false },
    });
    expect(() => loadConfig({ ROLES: "rooms" })).toThrow(/^ROLES.*together/);
    expect(() => loadConfig({ ROLES: "media" })).toThrow(/^ROLES.*DATABASE_URL/);
    expect(loadConfig({ ...remote, ROLES: "media" })).toMatchObject({
      roles: ["media"],
      media: { mediasoup: { here: true } },
    });
    const { listen } = loadConfig({ PUBLIC_ADDRESS: "https://192.0.2.7" }).media.mediasoup;
    expect(listen).toEqual([{ ip: "0.0.0.0", announced: "192.0.2.7" }]);
    const named = loadConfig({ PUBLIC_ADDRESS: "https://clinic.example" }).media.mediasoup.listen;
    expect(named.at(-1)).toEqual({ ip: "127.0.0.1", announced: null });
    const told = { MEDIASOUP_ANNOUNCED_ADDRESS: "media.example", MEDIASOUP_PORT: "40000" };
    expect(loadConfig(told).media.mediasoup).toMatchObject({
      port: 40_000,
      listen: [{ ip: "0.0.0.0", announced: "media.example" }],
    });
  });

  it("shows no password", () => {
    const config = loadConfig({
      TURN_SECRET: "geheim-geheim-geheim",
      DATABASE_URL: "postgres://me:geheim@db/x?password=geheim2",
      METRICS_TOKEN: "geheim-geheim-geheim-geheim-geheim",
    });
    expect(JSON.stringify(describeConfig(config))).not.toContain("geheim");
    expect(config.databaseUrl).toContain("geheim");
    expect(config.metricsToken).toContain("geheim");
  });

  it("takes an OIDC issuer whole or not at all", () => {
    const whole = {
      OIDC_ISSUER: "https://id.example",
      OIDC_JWKS: "https://id.example/keys",
      OIDC_AUDIENCE: "app",
      OIDC_ORG: "clinic",
    };
    expect(loadConfig(whole).oidc).toMatchObject({
      org: "clinic",
      tokenType: "at+jwt",
      audienceClaim: "aud",
    });
    expect(() => loadConfig({ ...whole, OIDC_AUDIENCE: undefined })).toThrow(/^OIDC_ISSUER/);
    expect(
      loadConfig({ ...whole, OIDC_JWKS: undefined, OIDC_ROLES_MAP: "Ärzte=clinician, front=desk" }).oidc,
    ).toMatchObject({
      jwks: null,
      rolesMap: { Ärzte: "clinician", front: "desk" },
    });
    expect(() => loadConfig({ ...whole, OIDC_ORG_CLAIM: "clinic" })).toThrow(/^OIDC_ORG:/);
    expect(loadConfig({ ...whole, OIDC_ORG: undefined, OIDC_ORG_CLAIM: "clinic" }).oidc?.org).toEqual({
      claim: "clinic",
    });
    for (const map of ["x", "a=root", "a=system", "=clinician"]) {
      expect(() => loadConfig({ ...whole, OIDC_ROLES_MAP: map })).toThrow(/OIDC_ROLES_MAP/);
    }
  });
});
