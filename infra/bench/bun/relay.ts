/**
 * The other baseline: the naive relay (infra/bench/src/bin/naive.rs) over Bun's WebSocket server and
 * the client for NATS of JavaScript. The same doors, and every default of the libraries.
 *
 *     bun relay.ts PORT BROKER
 *
 * The first message is the id of whoever connects, 16 bytes; every other one is an id and a body.
 */
import { connect, type Subscription } from '@nats-io/transport-node'

const ID_BYTES = 16

/** Whoever has said who it is hears what is said on its subject. */
interface Seat {
  hears: Subscription | undefined
}

const subject = (id: Uint8Array): string => `u.${id.subarray(0, ID_BYTES).toHex()}`

const [port, broker] = process.argv.slice(2)
if (port === undefined || broker === undefined) throw new Error('which port, and which broker?')
const nats = await connect({ servers: broker })

const sit = async (socket: Bun.ServerWebSocket<Seat>, id: Uint8Array): Promise<void> => {
  socket.data.hears = nats.subscribe(subject(id), {
    callback: (error, heard) => {
      if (error === null) socket.sendBinary(heard.data)
    },
  })
  await nats.flush()
  socket.sendBinary(new Uint8Array())
}

Bun.serve<Seat>({
  hostname: '127.0.0.1',
  port: Number(port),
  fetch: (request, server) => {
    const data: Seat = { hears: undefined }
    return server.upgrade(request, { data }) ? undefined : new Response(null, { status: 426 })
  },
  websocket: {
    message: async (socket, message) => {
      if (typeof message === 'string') return
      if (socket.data.hears === undefined) await sit(socket, message)
      else if (message.length >= ID_BYTES) nats.publish(subject(message), message.subarray(ID_BYTES))
    },
    close: (socket) => socket.data.hears?.unsubscribe(),
  },
})
