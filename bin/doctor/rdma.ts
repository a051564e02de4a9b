import { readFileSync } from 'node:fs';
import { resolveWriterQos } from '../../qos/index.js';
import { surveyDevices } from '../../transport/verbs/device.js';
import type { DeviceState } from '../../transport/verbs/device.js';
import { platformFinding } from './machine.js';
import type { Finding } from './report.js';
import { failed, fails, ok, warning } from './report.js';
import { mebibytes } from './text.js';

const driver =
  'load the driver of the adapter and bring its link up; over plain Ethernet Soft-RoCE will do (modprobe rdma_rxe; rdma link add rxe0 type rxe netdev eth0)';
/** A domain pins the rings of its topics; with less than for so many it does not come far. */
const topicsMin = 16;

/** The library, the devices with the ports by which peers would reach them, and the limit of memory that may be pinned. */
export function lookAtRdma(): Finding[] {
  const platform = platformFinding();
  if (platform.status === 'fails') return [platform];
  const limit = limitFindings(readFileSync('/proc/self/limits', 'latin1'));
  try {
    const devices = deviceFindings(surveyDevices());
    return [ok('libibverbs', 'is installed'), ...devices, ...limit];
  } catch (error) {
    return [failed('libibverbs', error), ...limit];
  }
}

/** One device that can be used will do; without any, each fails. */
export function deviceFindings(devices: readonly DeviceState[]): Finding[] {
  if (devices.length === 0) return [fails('devices', 'there is none', driver)];
  const isAnyUp = devices.some(({ port }) => typeof port !== 'string');
  return devices.map(({ name, port }) => {
    if (typeof port !== 'string')
      return ok(name, `port ${port.number} is up, GID ${port.gidIndex} (${port.gid}), MTU code ${port.mtu}`);
    return (isAnyUp ? warning : fails)(name, port, driver);
  });
}

/** `ulimit -l`, as the kernel has it for a process: @param limits its `/proc/…/limits` */
export function limitFindings(limits: string): Finding[] {
  const soft = /^Max locked memory\s+(\S+)/m.exec(limits)?.[1];
  if (soft === undefined) return [];
  if (soft === 'unlimited') return [ok('locked memory', 'is not limited')];
  const found = `at most ${mebibytes(Number(soft))}`;
  const wanted = topicsMin * resolveWriterQos().transport.ringBytesMax;
  if (Number(soft) >= wanted) return [ok('locked memory', found)];
  return [
    warning(
      'locked memory',
      found,
      'regions are pinned: raise it (ulimit -l unlimited; in Docker --ulimit memlock=-1)',
    ),
  ];
}
