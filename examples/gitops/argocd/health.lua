-- The health of an AgentJob, for resource.customizations.health.agentjob.io_AgentJob of argocd-cm.
-- Its status follows kstatus: observedGeneration, Ready, and Reconciling or Stalled where it is not as it should be.
-- No standard library is needed (useOpenLibs stays off).

local status = obj.status
if status == nil or status.observedGeneration ~= obj.metadata.generation then
  return {status = "Progressing", message = "the operator has not looked at it yet"}
end

local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end
local function is(type)
  return conditions[type] ~= nil and conditions[type].status == "True"
end

-- somebody has to do something: a run of its own that failed, or a spec that cannot run
if is("Stalled") then
  return {status = "Degraded", message = conditions.Stalled.message}
end

if status.phase == "Suspended" then
  return {status = "Suspended", message = status.message}
end

-- of a schedule: how the last run ended, also while the next one is under way
if is("Failed") then
  return {status = "Degraded", message = conditions.Failed.message}
end

if is("Ready") then
  return {status = "Healthy", message = conditions.Ready.message}
end

return {status = "Progressing", message = status.message or status.phase}
