/**
 * wasi:sockets 0.2. The kernel has no sockets yet: none can be made, so the resources have no methods that anyone could call, and
 * components which import them without using them run.
 */
import { WasiError } from "./errors.ts";

export class Network {}
export class TcpSocket {}
export class UdpSocket {}
export class IncomingDatagramStream {}
export class OutgoingDatagramStream {}
export class ResolveAddressStream {}

const refused = (code: string) => (): never => {
  throw new WasiError(code);
};

export const sockets = () => ({
  network: { Network, networkErrorCode: () => undefined },
  "instance-network": { instanceNetwork: () => new Network() },
  "ip-name-lookup": { ResolveAddressStream, resolveAddresses: refused("access-denied") },
  tcp: { TcpSocket },
  "tcp-create-socket": { createTcpSocket: refused("not-supported") },
  udp: { UdpSocket, IncomingDatagramStream, OutgoingDatagramStream },
  "udp-create-socket": { createUdpSocket: refused("not-supported") },
});
