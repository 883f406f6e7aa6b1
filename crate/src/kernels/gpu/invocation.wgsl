// Put before every kernel. Workgroups lie in two dimensions, as one takes 65535 at most.

struct Invocation {
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
}

// The number of an invocation's workgroup.
fn group_of(invocation: Invocation) -> u32 {
  return invocation.workgroup.y * invocation.workgroups.x + invocation.workgroup.x;
}

// The number of an invocation.
fn number_of(invocation: Invocation) -> u32 {
  return group_of(invocation) * GROUP + invocation.lane;
}
