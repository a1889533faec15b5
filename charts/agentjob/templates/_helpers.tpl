{{/*
Names are the same in every installation: there is one a cluster, because the CRDs and the webhook's registration are
the cluster's. What must not drift from the program (rights, rules, CRDs) comes from files/.
*/}}

{{/* Labels of everything. Called with (list . COMPONENT), or with . where there is none. */}}
{{- define "agentjob.labels" -}}
{{- $root := . }}{{ $component := "" }}
{{- if kindIs "slice" . }}{{ $root = index . 0 }}{{ $component = index . 1 }}{{ end -}}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
app.kubernetes.io/name: agentjob
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/part-of: agentjob
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
{{- with $component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{/* Labels by which the pods of a part are selected. Called with its name. */}}
{{- define "agentjob.selector" -}}
app.kubernetes.io/name: agentjob
app.kubernetes.io/component: {{ . }}
{{- end }}

{{- define "agentjob.image" -}}
{{- with .Values.image }}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{/* How names of hosts are held to. */}}
{{- define "agentjob.egressHosts" -}}
{{- if ne .Values.egress.hosts "auto" }}{{ .Values.egress.hosts }}
{{- else if .Capabilities.APIVersions.Has "cilium.io/v2" }}Cilium
{{- else }}Ports{{ end }}
{{- end }}

{{/* Settings that are read at the start of a pod, and once: the text decides whether pods are started anew. */}}
{{- define "agentjob.settingsReadOnce" -}}
{{- $egress := merge (dict "hosts" (include "agentjob.egressHosts" .)) (deepCopy .Values.egress) }}
{{- merge (dict "clusterAccess" .Values.clusterAccess.enabled "egress" $egress) (deepCopy .Values.settings) | toPrettyJson }}
{{- end }}

{{/* The settings of the operator. */}}
{{- define "agentjob.settings" -}}
{{- merge (dict "logLevel" .Values.logLevel) (include "agentjob.settingsReadOnce" . | fromJson) | toPrettyJson }}
{{- end }}

{{- define "agentjob.certManagerName" -}}agentjob-webhook-tls{{- end }}

{{/* The Secret whose files the webhook serves; nothing where it makes its certificate itself. */}}
{{- define "agentjob.certificateSecret" -}}
{{- with .Values.certificates }}
{{- if eq .mode "cert-manager" }}{{ include "agentjob.certManagerName" $ }}{{ end }}
{{- if eq .mode "provided" }}{{ required "certificates.provided.secretName is needed where certificates.mode is provided" .provided.secretName }}{{ end }}
{{- end }}
{{- end }}

{{/* The name under which the API server knows the controller. */}}
{{- define "agentjob.controllerUser" -}}system:serviceaccount:{{ .Release.Namespace }}:agentjob-controller{{- end }}

{{/* What Pod Security "restricted" wants, and a little more. */}}
{{- define "agentjob.podSecurityContext" -}}
runAsNonRoot: true
seccompProfile:
  type: RuntimeDefault
{{- end }}
{{- define "agentjob.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop:
    - ALL
{{- end }}

{{/* Asks admission until it answers. Called with . */}}
{{- define "agentjob.checkPod" -}}
restartPolicy: Never
serviceAccountName: {{ .name }}
automountServiceAccountToken: true
enableServiceLinks: false
securityContext:
  {{- include "agentjob.podSecurityContext" . | nindent 2 }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.controller.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.controller.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - name: check
    image: {{ include "agentjob.image" .root | quote }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    args:
      - check
      - --namespace
      - {{ .root.Release.Namespace | quote }}
      - --timeout
      - {{ printf "%vs" .root.Values.check.timeoutSeconds | quote }}
    resources:
      requests:
        cpu: 10m
        memory: 96Mi
      limits:
        memory: 256Mi
    securityContext:
      {{- include "agentjob.securityContext" . | nindent 6 }}
{{- end }}

{{/*
Who checks: he may create AgentJobs in the namespace of the release, which a dry run takes, too. He is there only while
the check runs. Called with (dict "root" . "name" NAME "hook" HOOKS).
*/}}
{{- define "agentjob.checkAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "agentjob.labels" (list .root "check") | nindent 4 }}
  annotations:
    {{- include "agentjob.hook" (list .hook "-2") | nindent 4 }}
automountServiceAccountToken: false
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "agentjob.labels" (list .root "check") | nindent 4 }}
  annotations:
    {{- include "agentjob.hook" (list .hook "-2") | nindent 4 }}
rules:
  - apiGroups:
      - agentjob.io
    resources:
      - agentjobs
    verbs:
      - create
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "agentjob.labels" (list .root "check") | nindent 4 }}
  annotations:
    {{- include "agentjob.hook" (list .hook "-1") | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ .name }}
subjects:
  - kind: ServiceAccount
    name: {{ .name }}
    namespace: {{ .root.Release.Namespace }}
{{- end }}

{{- define "agentjob.hook" -}}
helm.sh/hook: {{ index . 0 }}
helm.sh/hook-weight: {{ index . 1 | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
helm.sh/hook-output-log-policy: hook-failed
{{- end }}

{{/* How many processes a pod of the webhook has; values that a release has kept from an earlier version do not say. */}}
{{- define "agentjob.processes" -}}
{{- .Values.webhook.processes | default 2 | int }}
{{- end }}

{{/* What names of a process end with: nothing of the first, -2 of the second. Called with its index. */}}
{{- define "agentjob.processSuffix" -}}
{{- if gt . 0 }}-{{ add1 . }}{{ end -}}
{{- end }}
