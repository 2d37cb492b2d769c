/** The browser's WebSocket, opened at this page's own server with our subprotocol. */
import type { SocketHandlers, Sockets } from '../core/ports.ts';
import { SUBPROTOCOL } from '../core/wire/generated.ts';

export const browserSockets: Sockets = {
  connect(handlers: SocketHandlers) {
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
      },
      close: (code) => socket.close(code),
    };
  },
};

function addressBeside({ protocol, host }: Location): string {
  return `${protocol === 'https:' ? 'wss:' : 'ws:'}//${host}/ws/`;
}
