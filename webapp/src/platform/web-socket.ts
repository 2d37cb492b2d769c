/** The browser's WebSocket, opened at this page's own server with our subprotocol. */
import { giveBack } from '../core/bytes.ts';
import type { Socket, SocketHandlers } from '../core/ports.ts';
import { SUBPROTOCOL } from '../core/wire/generated.ts';

/** As the browser has it: what a page says while it goes away is not this socket's matter. */
export type PlainSocket = Omit<Socket, 'lastWords'>;

export const browserSockets = {
  connect(handlers: SocketHandlers): PlainSocket {
    const socket = new WebSocket(addressBeside(location), SUBPROTOCOL);
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => handlers.opened());
    socket.addEventListener('message', ({ data }) => {
      if (data instanceof ArrayBuffer) handlers.received(new Uint8Array(data));
    });
    socket.addEventListener('close', ({ code }) => handlers.closed(code));
    return {
      send(bytes) {
        if (socket.readyState === WebSocket.OPEN) socket.send(bytes);
        // Copied by now.
        giveBack(bytes);
      },
      buffered: () => socket.bufferedAmount,
      close: (code) => socket.close(code),
    };
  },
};

function addressBeside({ protocol, host }: Location): string {
  return `${protocol === 'https:' ? 'wss:' : 'ws:'}//${host}/ws/`;
}
