import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';

/**
 * Cyclone DDS's own reading and writing of XCDR2, by a C program that is made of the descriptors that its `idlc` generates: it takes a sample,
 * checks it, reads it into a C struct, and writes that again.
 */
export interface Cyclone {
  /** For each sample the bytes that Cyclone writes of it; `undefined` where it refuses it. Without encapsulation headers. */
  again(type: string, samples: readonly Uint8Array[]): (Uint8Array | undefined)[];
  /** For each sample its key as Cyclone serializes it, big-endian. */
  keys(type: string, samples: readonly Uint8Array[]): (Uint8Array | undefined)[];
  close(): void;
}

/** Why Cyclone cannot be asked here; `undefined` where it can. */
export function whyNoCyclone(): string | undefined {
  try {
    execFileSync('idlc', ['-v'], { stdio: 'ignore' });
    execFileSync('gcc', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch (error) {
    // Where everything has to hold, it is installed.
    if (process.env['CI'] !== undefined) throw error;
    return 'no idlc or gcc here (Debian: cyclonedds-tools, cyclonedds-dev, gcc)';
  }
}

/** Builds the program for the topic types (by their scoped names) of an IDL source. */
export function cycloneOf(idl: string, types: readonly string[]): Cyclone {
  const folder = mkdtempSync(`${tmpdir()}/bowecho-cyclone-`);
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  writeFileSync(`${folder}/types.idl`, idl);
  run('idlc', '-l', 'c', '-x', 'final', 'types.idl');
  writeFileSync(`${folder}/main.c`, programOf(types));
  run('gcc', '-O1', '-w', '-o', 'again', 'main.c', 'types.c', '-lddsc');
  const ask = (mode: number, type: string, samples: readonly Uint8Array[]) => {
    const words = (...values: number[]) => Buffer.from(Uint32Array.from(values).buffer);
    const head = words(types.indexOf(type), mode, samples.length);
    const input = Buffer.concat([head, ...samples.flatMap((bytes) => [words(bytes.length), bytes])]);
    const output = execFileSync(`${folder}/again`, { input, maxBuffer: 1 << 28 });
    let at = 0;
    return samples.map(() => {
      const length = output.readInt32LE(at);
      at += 4;
      if (length < 0) return undefined;
      at += length;
      return Uint8Array.from(output.subarray(at - length, at));
    });
  };
  return {
    again: (type, samples) => ask(0, type, samples),
    keys: (type, samples) => ask(1, type, samples),
    close: () => rmSync(folder, { recursive: true }),
  };
}

function programOf(types: readonly string[]): string {
  const descriptors = types.map((type) => `&${type.replaceAll('::', '_')}_desc`).join(', ');
  return `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dds/dds.h"
#include "dds/ddsi/ddsi_cdrstream.h"
#include "types.h"

static const dds_topic_descriptor_t *descriptors[] = { ${descriptors} };

static uint32_t word (void)
{
  uint32_t value;
  if (fread (&value, 4, 1, stdin) != 1) exit (2);
  return value;
}

static void answer (const void *data, int32_t length)
{
  fwrite (&length, 4, 1, stdout);
  if (length > 0) fwrite (data, 1, (size_t) length, stdout);
}

int main (void)
{
  const dds_topic_descriptor_t *desc = descriptors[word ()];
  const uint32_t mode = word ();
  const uint32_t count = word ();
  struct ddsi_sertype_default type;
  memset (&type, 0, sizeof (type));
  type.write_encoding_version = 2;
  type.type.size = desc->m_size;
  type.type.align = desc->m_align;
  type.type.flagset = desc->m_flagset;
  type.type.ops.ops = (uint32_t *) desc->m_ops;
  type.type.ops.nops = dds_stream_countops (desc->m_ops, desc->m_nkeys, desc->m_keys);
  type.type.keys.nkeys = desc->m_nkeys;
  type.type.keys.keys = calloc (desc->m_nkeys + 1, sizeof (*type.type.keys.keys));
  for (uint32_t i = 0; i < desc->m_nkeys; i++)
  {
    type.type.keys.keys[i].ops_offs = desc->m_keys[i].m_offset;
    type.type.keys.keys[i].idx = desc->m_keys[i].m_idx;
  }
  for (uint32_t i = 0; i < count; i++)
  {
    const uint32_t length = word ();
    char *data = malloc (length + 8);
    if (length > 0 && fread (data, 1, length, stdin) != length) return 2;
    uint32_t actual;
    if (!dds_stream_normalize (data, length, false, 2, &type, false, &actual) || actual != length)
    {
      answer (0, -1);
      continue;
    }
    dds_istream_t in;
    dds_istream_init (&in, length, data, 2);
    if (mode == 1)
    {
      dds_ostreamBE_t key;
      dds_ostreamBE_init (&key, 0, 2);
      if (dds_stream_extract_keyBE_from_data (&in, &key, &type)) answer (key.x.m_buffer, (int32_t) key.x.m_index);
      else answer (0, -1);
      continue;
    }
    void *sample = calloc (1, desc->m_size);
    dds_stream_read_sample (&in, sample, &type);
    dds_ostreamLE_t out;
    dds_ostreamLE_init (&out, 0, 2);
    if (dds_stream_write_sampleLE (&out, sample, &type)) answer (out.x.m_buffer, (int32_t) out.x.m_index);
    else answer (0, -1);
  }
  return 0;
}
`;
}
