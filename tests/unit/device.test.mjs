// Which device a run's tensors go to, and what is said of it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { trackDevice } from '../../www/engine/device.js';

const GPU = { kind: 'gpu', adapter: 'x', detail: 'chosen by the user', workers: 1 };
const answer = (onCpu = null) => ({ results: '', stages: {}, failed: false, onCpu });

test('a device that is lost once is followed by another, then by the CPU', () => {
  const device = trackDevice({ ...GPU });
  const first = device.take(answer(), 'gpu');
  assert.equal(device.describe([first]).detail, 'chosen by the user');
  device.lose('the driver fell over.\n at line 1');
  assert.equal(device.kind(), 'gpu');
  assert.equal(
    device.describe([first]).detail,
    'chosen by the user; the GPU was lost once (the driver fell over), and a new device went on',
  );
  device.lose('again');
  assert.equal(device.kind(), 'cpu');
  const answers = [first, device.take(answer(), 'cpu')];
  const { kind, adapter, detail } = device.describe(answers);
  assert.deepEqual([kind, adapter], ['gpu', 'x']);
  assert.match(detail, /lost twice \(.*and the CPU went on; the CPU computed 1 of 2 tensors$/);
});

test('tensors that a GPU refuses are counted; one that refuses all is given up', () => {
  const device = trackDevice({ ...GPU });
  const answers = [device.take(answer('no room'), 'gpu'), device.take(answer(), 'gpu')];
  assert.match(
    device.describe(answers).detail,
    /the CPU computed 1 of 2 tensors, as the GPU refused them \(no room\)$/,
  );
  for (let i = 0; i < 8; i += 1) {
    assert.equal(device.kind(), 'gpu');
    device.take(answer('no room'), 'gpu');
  }
  assert.equal(device.kind(), 'cpu');
});

test('what no GPU has computed is no report of one', () => {
  const device = trackDevice({ ...GPU });
  const { kind, adapter } = device.describe([device.take(answer('no room'), 'gpu')]);
  assert.deepEqual([kind, adapter], ['cpu', null]);
});
