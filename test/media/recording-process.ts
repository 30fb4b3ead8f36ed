import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { recordRtp } from "../../media/recording/rtp-track.ts";

/** Records RTP into a file until it is killed, and says so when there are three pieces. */
const [ffmpeg = "", port = "", folder = "", source = ""] = process.argv.slice(2);

await recordRtp({
  ffmpeg,
  ports: { port: Number(port), rtcpPort: Number(port) + 1 },
  source: JSON.parse(source),
  skewMs: 0,
  put: async (index, bytes) => {
    appendFileSync(join(folder, "process.webm"), bytes);
    if (index === 2) process.stdout.write("three\n");
  },
});
