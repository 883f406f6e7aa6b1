// The tabs of a tensor and of its runs, on the sample's first layer. It is computed once for all of
// them, so that they are one file to the runner.
import './detail/location.mjs';
import './detail/rotation.mjs';
import './detail/heads.mjs';
import './detail/runs.mjs';
import './detail/maps.mjs';
import './detail/random.mjs';
import './detail/frame.mjs';
