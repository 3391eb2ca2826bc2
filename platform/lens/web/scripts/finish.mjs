// Leaves the built files compressed: each text file becomes one .gz. fflate is plain JavaScript, so that the bytes are
// the same on every machine; zlib's depend on its version and the processor.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "fflate";

const assets = fileURLToPath(new URL("../../src/lens/static/assets", import.meta.url));
const compressed = /\.(js|css|svg)$/;

for (const name of readdirSync(assets).sort()) {
  const file = join(assets, name);
  if (compressed.test(name)) {
    writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9, mtime: 0 }));
    rmSync(file);
  } else if (name.endsWith(".map")) {
    rmSync(file);
  }
}
