/**
 * How large a picture says it is, before anything decodes it: a few bytes can ask for gigabytes.
 *
 * Sources: PNG third edition, 11.2.1; GIF89a specification, 18; RFC 9649 for WebP; ITU-T T.81,
 * B.2.2, for JPEG. Of other types nothing is known here: their decoders are left to their limits.
 */

/** More points than any screen or sensor of people has; four bytes each while it is decoded. */
export const PICTURE_PIXELS_MAX = 100_000_000;

type Size = { readonly width: number; readonly height: number };

/** Whether a picture can be decoded with the memory that a page has. */
export function isBearable(bytes: Uint8Array<ArrayBuffer>): boolean {
  const size = sizeOf(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return size === null || size.width * size.height <= PICTURE_PIXELS_MAX;
}

function sizeOf(view: DataView): Size | null {
  try {
    switch (view.getUint32(0)) {
      case 0x89504e47:
        return { width: view.getUint32(16), height: view.getUint32(20) };
      case 0x47494638:
        return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
      case 0x52494646:
        return webpSize(view);
      default:
        return view.getUint16(0) === 0xffd8 ? jpegSize(view) : null;
    }
  } catch {
    // It ends before it says so: its decoder will find that as well.
    return null;
  }
}

function webpSize(view: DataView): Size | null {
  switch (view.getUint32(12)) {
    case 0x56503858: {
      const at = (place: number) => view.getUint16(place, true) + (view.getUint8(place + 2) << 16);
      return { width: at(24) + 1, height: at(27) + 1 };
    }
    case 0x5650384c: {
      const bits = view.getUint32(21, true);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 0x56503820:
      return {
        width: view.getUint16(26, true) & 0x3fff,
        height: view.getUint16(28, true) & 0x3fff,
      };
    default:
      return null;
  }
}

/** The start of frame stands behind segments of any length, each of which says how long it is. */
function jpegSize(view: DataView): Size | null {
  for (let at = 2; view.getUint8(at) === 0xff; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
  }
  return null;
}
