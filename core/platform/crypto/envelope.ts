import { createCipheriv, createDecipheriv, type KeyObject, randomFillSync } from "node:crypto";

/**
 * AES-256-GCM (NIST SP 800-38D) with a random 96-bit IV. Sealed bytes are: format 1 · IV 12 · tag 16 · text.
 * One key is good for 2^32 messages, far more than one room or person will have.
 */
const format = 1;
const ivLength = 12;
const tagLength = 16;
const headLength = 1 + ivLength + tagLength;

/** Random bytes are drawn in bulk: one call to the generator serves 512 messages. */
const pool = Buffer.alloc(ivLength * 512);
let drawn = pool.length;

function nextIv(): Buffer {
  if (drawn === pool.length) {
    randomFillSync(pool);
    drawn = 0;
  }
  const iv = Buffer.from(pool.subarray(drawn, drawn + ivLength));
  drawn += ivLength;
  return iv;
}

/** Encrypts `text` and binds it to `place`: it can be opened nowhere else. */
export function seal(key: KeyObject, text: string | Uint8Array, place: string): Buffer {
  const iv = nextIv();
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  cipher.setAAD(Buffer.from(place));
  const body = typeof text === "string" ? cipher.update(text, "utf8") : cipher.update(text);
  cipher.final();
  return Buffer.concat([Buffer.of(format), iv, cipher.getAuthTag(), body]);
}

/** Decrypts what `seal` made for the same place. Throws when key, place or bytes are not the same. */
export function open(key: KeyObject, sealed: Uint8Array, place: string): Buffer {
  if (sealed.length < headLength || sealed[0] !== format) throw new Error("not a sealed text");
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(1, 1 + ivLength));
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(bytes.subarray(1 + ivLength, headLength));
  return Buffer.concat([decipher.update(bytes.subarray(headLength)), decipher.final()]);
}
