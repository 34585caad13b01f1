import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const answer = await fetch(process.env.URL);
if (!answer.ok) throw new Error(`OSS returned ${answer.status}`);
await pipeline(Readable.fromWeb(answer.body), createWriteStream(process.env.FILE));
