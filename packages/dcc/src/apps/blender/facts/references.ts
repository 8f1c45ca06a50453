/**
 * Every file that a .blend names. Outputs (render path, File Output nodes) are not among them, nor is what is packed into the
 * file or made by Blender itself.
 */

import type { Shape } from '../../../references/patterns.ts';
import type { BlendFile } from '../blend/blend-file.ts';
import type { StructView } from '../blend/struct-view.ts';
import type { Reference } from './blend-facts.ts';
import { hasUsers, nameOfDatablock } from './names.ts';
import { stripReferences } from './strips.ts';

const IMAGE_SEQUENCE = 2;
const IMAGE_GENERATED = 4;
const IMAGE_VIEWER = 5;
const IMAGE_TILED = 6;
const CLIP_SEQUENCE = 1;
const NODE_SCRIPT_EXTERNAL = 1;
const SOCKET_IS_FILE_PATH = 1;
const VOXEL_IMAGE_SEQUENCE = 3;

/** Makes a reference of a `char[]` field, or nothing where it is empty. */
export function fieldReference(
  holder: StructView,
  field: string,
  facts: { kind: string; owner: string; shape?: Shape; used?: boolean },
): Reference[] {
  const raw = holder.text(field);
  if (raw === '') return [];
  const { kind, owner, shape = 'file', used = true } = facts;
  const at = holder.fieldPlace(field);
  return [{ raw, kind, owner, shape, used, place: at && { holds: 'path', ...at } }];
}

/** All references of the file, in the order of its datablocks. */
export function referencesOf(file: BlendFile): Reference[] {
  return [
    ...of(file, 'LI', 'Library', (view, owner) =>
      isInside(view) ? [] : fieldReference(view, 'name', { kind: 'library', owner }),
    ),
    ...of(file, 'IM', 'Image', imageReferences),
    ...of(file, 'MC', 'Movie clip', (view, owner) =>
      fieldReference(view, 'name', {
        kind: 'clip',
        owner,
        shape: view.number('source') === CLIP_SEQUENCE ? 'sequence' : 'file',
        used: hasUsers(view),
      }),
    ),
    ...of(file, 'SO', 'Sound', (view, owner) => unlessPacked(view, 'sound', owner)),
    ...of(file, 'VF', 'Font', (view, owner) =>
      view.text('name') === '<builtin>' ? [] : unlessPacked(view, 'font', owner),
    ),
    ...of(file, 'CF', 'Cache file', cacheFileReferences),
    ...of(file, 'VO', 'Volume', (view, owner) =>
      view.pointer('packedfile')
        ? []
        : fieldReference(view, 'filepath', {
            kind: 'volume',
            owner,
            shape: view.number('is_sequence') ? 'sequence' : 'file',
            used: hasUsers(view),
          }),
    ),
    ...of(file, 'TX', 'Text', scriptReferences),
    ...of(file, 'TE', 'Texture', (view, owner) =>
      file.owned(view, 'VoxelData').flatMap((voxels) =>
        fieldReference(voxels, 'source_path', {
          kind: 'volume',
          owner,
          shape: voxels.number('file_format') === VOXEL_IMAGE_SEQUENCE ? 'sequence' : 'file',
          used: hasUsers(view),
        }),
      ),
    ),
    ...of(file, 'ME', 'Mesh', (view, owner) =>
      file
        .owned(view, 'CustomDataExternal')
        .flatMap((external) =>
          fieldReference(external, 'filename', { kind: 'cache', owner, used: hasUsers(view) }),
        ),
    ),
    ...of(file, 'OB', 'Object', (view, owner) => modifierReferences(file, view, owner)),
    ...of(file, 'SC', 'Scene', (view, owner) => stripReferences(file, view, owner)),
    ...['NT', 'MA', 'WO', 'LA', 'LS', 'SC'].flatMap((code) =>
      of(file, code, 'Nodes of', (view, owner) => nodeReferences(file, view, owner)),
    ),
  ];
}

function of(
  file: BlendFile,
  code: string,
  word: string,
  read: (view: StructView, owner: string) => Reference[],
): Reference[] {
  return file.datablocks(code).flatMap((view) => read(view, `${word} "${nameOfDatablock(view)}"`));
}

/** Packed, or (5.0 on) a library that stands for linked data kept in this file. */
function isInside(library: StructView): boolean {
  return library.pointer('packedfile') !== null || library.pointer('archive_parent_library') !== null;
}

function unlessPacked(view: StructView, kind: string, owner: string): Reference[] {
  if (view.pointer('packedfile') || view.pointer('newpackedfile')) return [];
  return fieldReference(view, 'name', { kind, owner, used: hasUsers(view) });
}

function imageReferences(view: StructView, owner: string): Reference[] {
  const source = view.number('source');
  if (source === IMAGE_GENERATED || source === IMAGE_VIEWER) return [];
  if (view.pointer('packedfile') || view.struct('packedfiles')?.pointer('first')) return [];
  const shape: Shape = source === IMAGE_SEQUENCE ? 'sequence' : source === IMAGE_TILED ? 'tiles' : 'file';
  const kind = shape === 'sequence' ? 'sequence' : 'image';
  return fieldReference(view, 'name', { kind, owner, shape, used: hasUsers(view) });
}

function cacheFileReferences(view: StructView, owner: string): Reference[] {
  const used = hasUsers(view);
  const shape: Shape = view.number('is_sequence') ? 'sequence' : 'file';
  return [
    ...fieldReference(view, 'filepath', { kind: 'cache', owner, shape, used }),
    ...[...view.list('layers')].flatMap((layer) =>
      fieldReference(layer, 'filepath', { kind: 'cache', owner, used }),
    ),
  ];
}

/** The file holds a copy of an external script's text and renders with that: its absence hurts nobody. */
function scriptReferences(view: StructView, owner: string): Reference[] {
  const raw = view.followText('name');
  return raw === '' ? [] : [{ raw, kind: 'script', owner, shape: 'file', used: false, place: null }];
}

function modifierReferences(file: BlendFile, object: StructView, owner: string): Reference[] {
  const used = hasUsers(object);
  return [
    ...file
      .owned(object, 'MeshCacheModifierData')
      .flatMap((cache) => fieldReference(cache, 'filepath', { kind: 'cache', owner, used })),
    ...file.owned(object, 'OceanModifierData').flatMap((ocean) =>
      fieldReference(ocean, 'cachepath', {
        kind: 'cache',
        owner,
        shape: 'folder',
        used: used && ocean.number('cached') !== 0,
      }),
    ),
  ];
}

function nodeReferences(file: BlendFile, holder: StructView, owner: string): Reference[] {
  const used = hasUsers(holder);
  const all = (type: string) => file.owned(holder, type);
  return [
    ...all('NodeShaderTexIES').flatMap((ies) =>
      fieldReference(ies, 'filepath', { kind: 'image', owner, used }),
    ),
    ...all('NodeShaderScript')
      .filter((script) => script.number('mode') === NODE_SCRIPT_EXTERNAL)
      .flatMap((script) => fieldReference(script, 'filepath', { kind: 'script', owner, used })),
    ...all('bNodeSocketValueString')
      .filter((socket) => socket.number('subtype') === SOCKET_IS_FILE_PATH)
      .flatMap((socket) => fieldReference(socket, 'value', { kind: 'cache', owner, used })),
  ];
}
