import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Ajv } from "ajv";
import { DCLinter } from "dclint";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { loadConfig } from "../../core/platform/config.ts";
import { loadCompose, read, readEnv, root, Unset, variables } from "./compose-file.ts";

const passwords = { POSTGRES_PASSWORD: "a1", REDIS_PASSWORD: "b2", MINIO_PASSWORD: "c3d4e5f6" };
const example = { ...readEnv(read(".env.example")), ...passwords };
const { raw, file } = loadCompose(example);
const { services, networks, volumes } = file;
const all = Object.entries(services);

/** The Compose specification's own schema, as the linter carries it. */
const specification: object = JSON.parse(
  readFileSync(
    join(
      dirname(createRequire(import.meta.url).resolve("dclint/package.json")),
      "schemas/compose.schema.json",
    ),
    "utf8",
  ),
);
const validate = new Ajv({ strict: false, allErrors: true, validateSchema: false }).compile(specification);

const linted = z.array(
  z.object({ messages: z.array(z.object({ rule: z.string(), line: z.int(), message: z.string() })) }),
);

describe("docker-compose.yml", () => {
  it("is as the Compose specification says", () => {
    validate(raw);
    expect(validate.errors).toBeNull();
    validate({ ...file, services: { ...services, wrong: { image: "x", port: ["80"] } } });
    expect(validate.errors).not.toBeNull();
  });

  it("is as people expect such files to be", () => {
    const rules = {
      // The image that is built has a name too.
      "no-build-and-image": 0,
      // nginx is there for everyone.
      "no-unbound-port-interfaces": 0,
      // What belongs together stands together.
      "service-keys-order": 0,
      "services-alphabetical-order": 0,
      "service-dependencies-alphabetical-order": 0,
      "top-level-properties-order": 0,
      "require-quotes-in-ports": [2, { quoteType: "double" }],
    } satisfies ConstructorParameters<typeof DCLinter>[0]["rules"];
    const linter = new DCLinter({ rules, quiet: false, debug: false, exclude: [] });
    const files = linted.parse(linter.lintFiles([join(root, "docker-compose.yml")], false));
    expect(files).toHaveLength(1);
    expect(files.flatMap(({ messages }) => messages)).toEqual([]);
  });

  it("names an exact image of everything", () => {
    for (const [name, { image }] of all) expect(image, name).toMatch(/:(?!latest$)[\w.-]+$/);
  });

  it("starts only with passwords, and has none itself", () => {
    for (const name of Object.keys(passwords)) {
      expect(() => loadCompose({ ...example, [name]: "" })).toThrow(Unset);
      expect(example).toHaveProperty(name);
      expect(readEnv(read(".env.example"))[name]).toBe("");
    }
  });

  it("takes nothing from its environment that .env.example does not explain, and the other way round", () => {
    const explained = Object.keys(readEnv(read(".env.example"), { commented: true }));
    expect([...variables()].sort()).toEqual([...explained].sort());
  });

  it("publishes ports of nginx alone", () => {
    expect(all.filter(([, { ports }]) => ports.length > 0).map(([name]) => name)).toEqual(["nginx"]);
    expect(all.filter(([, one]) => one.network_mode === "host" || one.privileged === true)).toEqual([]);
  });

  it("keeps what holds data out of reach of what is reached from outside", () => {
    expect(networks.data?.internal).toBe(true);
    for (const name of ["postgres", "redis", "minio"]) expect(services[name]?.networks).toEqual(["data"]);
    expect(services.nginx?.networks).toEqual(["edge"]);
    expect([...(services.rooms?.networks ?? [])].sort()).toEqual(["data", "edge"]);
  });

  it("can have as many room processes as wanted", () => {
    const { rooms } = services;
    for (const fixed of ["container_name", "hostname", "scale"]) expect(rooms).not.toHaveProperty(fixed);
    expect(rooms?.ports).toEqual([]);
    // A name of its own is what nginx finds a process by.
    expect(rooms?.environment).not.toHaveProperty("PROCESS_NAME");
  });

  it("starts each thing when what it needs is there", () => {
    for (const [name, { depends_on: needs }] of all) {
      for (const [needed, { condition }] of Object.entries(needs)) {
        const ends = services[needed]?.entrypoint !== undefined;
        expect(condition, `${name} → ${needed}`).toBe(
          ends ? "service_completed_successfully" : "service_healthy",
        );
      }
    }
    const watched = all.filter(([, one]) => one.healthcheck !== undefined).map(([name]) => name);
    // That of the processes is in their image.
    expect([...watched, "rooms", "certificate", "bucket"].sort()).toEqual(Object.keys(services).sort());
  });

  it("confines what can be confined", () => {
    for (const name of ["nginx", "rooms", "redis"]) {
      expect(services[name], name).toMatchObject({
        read_only: true,
        cap_drop: ["ALL"],
        security_opt: ["no-new-privileges:true"],
      });
    }
  });

  it("mounts what is there", () => {
    for (const [name, one] of all) {
      for (const [source = ""] of one.volumes.map((volume) => volume.split(":"))) {
        if (source.startsWith("./")) expect(() => read(source.slice(2)), `${name}: ${source}`).not.toThrow();
        else expect(volumes, `${name}: ${source}`).toHaveProperty(source);
      }
    }
  });

  it("gives nginx every setting of its template", () => {
    const template = read("deploy/nginx/nginx.conf.template");
    const used = new Set([...template.matchAll(/\$\{(NGINX_\w+)\}/g)].map(([, name = ""]) => name));
    expect(Object.keys(services.nginx?.environment ?? {})).toEqual(expect.arrayContaining([...used]));
  });
});

describe("the settings of a process", () => {
  const settings = (env: Readonly<Record<string, string>> = {}) =>
    loadConfig(loadCompose({ ...example, ...env }).file.services.rooms?.environment);

  it("are ones that it takes", () => {
    expect(settings()).toMatchObject({
      production: true,
      publicAddress: "https://localhost",
      trustedProxies: 1,
      databaseUrl: "postgres://hugmedo:a1@postgres:5432/hugmedo",
      redisUrl: "redis://:b2@redis:6379",
      keyFile: "/keys/master-keys.json",
      demo: false,
      oidc: null,
    });
    expect(settings({ NODE_ENV: "development", DEMO: "1" }).demo).toBe(true);
    expect(settings({ PUBLIC_HOST: "clinic.example:8443" }).publicAddress).toBe(
      "https://clinic.example:8443",
    );
  });

  it("leave it time to hand its rooms over, and to end, before it is killed", () => {
    const patience = services.rooms?.stop_grace_period;
    const ending = 15;
    expect(Number(/^(\d+)s$/.exec(patience ?? "")?.[1])).toBeGreaterThan(settings().drainSeconds + ending);
  });

  it("have every setting that is documented, or a reason not to", () => {
    const documented = [...read("docs/configuration.md").matchAll(/^\| (`.*?`) \|/gm)].flatMap(
      ([, cell = ""]) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name),
    );
    const ofTheImage = ["PORT", "HOST", "DATA_DIR", "FFMPEG_BIN"];
    const fixed = ["PROCESS_NAME", "COMMANDS_PER_SECOND", "TOKEN_AUDIENCE"];
    // They run where browsers reach them without a proxy: docs/media-mediasoup.md.
    const ofMediaProcesses = [...documented].filter((name) => name.startsWith("MEDIASOUP_"));
    const given = Object.keys(services.rooms?.environment ?? {});
    expect([...given, ...ofTheImage, ...fixed, ...ofMediaProcesses].sort()).toEqual([...documented].sort());
  });
});
