import type { Clock } from "../core/platform/clock.ts";
import type { MediaConfig } from "../core/platform/config/media.ts";
import type { Config } from "../core/platform/config.ts";
import type { Vault } from "../core/platform/objects/vault.ts";
import { type ChimeCaptures, createChimeCaptures } from "../core/platform/repositories/chime-captures.ts";
import type { OrgSettings } from "../core/platform/repositories/org-settings.ts";
import type { MediaBackend } from "../media/backend.ts";
import { assembleWithChime } from "../media/chime/chime-assemble.ts";
import { type ChimeBackendParts, createChimeBackend } from "../media/chime/chime-backend.ts";
import { createChimeConcatenation } from "../media/chime/chime-concatenation.ts";
import { createChimePipelines } from "../media/chime/chime-pipelines.ts";
import { createMediaService, type MediaService, type Patience } from "../media/media-service.ts";
import { createMediasoupBackend } from "../media/mediasoup/mediasoup-backend.ts";
import type { Nodes } from "../media/mediasoup/nodes.ts";
import { createPeerBackend } from "../media/peer/peer-backend.ts";
import { createAssembler } from "../media/recording/assemble.ts";
import { lazyFfmpeg } from "../media/recording/ffmpeg.ts";
import {
  type Assemble,
  createRecordingService,
  type RecordingService,
} from "../media/recording/recording-service.ts";
import type { Closing } from "./closing.ts";
import type { Ground } from "./ground.ts";
import { type MediaNodesHere, openMediaNodes } from "./media-node.ts";
import { isMissing } from "./resilience.ts";

/** What carries calls and records them. */
export interface MediaHere {
  /** What carries calls. */
  readonly media: MediaService;
  readonly mediaNodes: MediaNodesHere;
  /** Makes the files of recordings. */
  readonly recordings: RecordingService;
}

export interface MediaOverrides {
  readonly media?: (backends: readonly MediaBackend[]) => readonly MediaBackend[];
  readonly recordings?: (vault: Vault) => RecordingService;
  readonly patience?: Patience;
}

export interface MediaParts {
  /** Where what is recorded is kept. */
  readonly vault: Vault;
  readonly orgSettings: OrgSettings;
}

export async function openMedia(
  config: Config,
  ground: Ground,
  { vault, orgSettings }: MediaParts,
  overrides: MediaOverrides,
  closing: Closing,
): Promise<MediaHere> {
  const { database, clock, guards, log, metrics } = ground;
  const findFfmpeg = lazyFfmpeg(config.ffmpegBin, guards.guard("ffmpeg", { isFault: isMissing }));
  const mediaNodes = await openMediaNodes(config, { ...ground, vault, findFfmpeg });
  closing.later(() => mediaNodes.close());
  const captures = createChimeCaptures(database.db);
  const assemble = assembleOf(config.media, createAssembler(findFfmpeg), captures, closing);
  const backends = createBackends(config.media, mediaNodes.nodes, clock, { captures, log });
  closing.later(() => {
    for (const backend of backends) backend.dispose?.();
  });
  return {
    media: createMediaService(overrides.media?.(backends) ?? backends, log, overrides.patience, {
      guards,
      orders: orgSettings.mediaOrder,
      joined: (backend, afterMs) => metrics.callJoin.of({ backend }).observe(afterMs / 1e3),
    }),
    mediaNodes,
    recordings: overrides.recordings?.(vault) ?? createRecordingService(vault, assemble),
  };
}

function createBackends(
  { order, chime, ...turn }: MediaConfig,
  nodes: Nodes,
  { now }: Clock,
  parts: ChimeBackendParts,
): MediaBackend[] {
  const makers: Readonly<Record<MediaConfig["order"][number], () => MediaBackend | null>> = {
    chime: () => chime && createChimeBackend(chime, parts),
    mediasoup: () => createMediasoupBackend({ nodes, turn, now }),
    peer: () => createPeerBackend(turn, now),
  };
  return order.flatMap((name) => makers[name]() ?? []);
}

/** Makes the files of recordings, of whatever recorded them. */
function assembleOf(
  { chime }: MediaConfig,
  assemble: Assemble,
  captures: ChimeCaptures,
  { later }: Closing,
): Assemble {
  if (!chime?.recording) return assemble;
  const pipelines = createChimePipelines(chime.recording);
  later(() => pipelines.dispose());
  return assembleWithChime(assemble, createChimeConcatenation(chime.recording.bucket, pipelines, captures));
}
