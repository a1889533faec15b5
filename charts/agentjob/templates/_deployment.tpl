{{/* The Deployment of a part. Called with (dict "root" . "part" "webhook"). */}}
{{- define "agentjob.deployment" -}}
{{- $root := .root }}
{{- $part := .part }}
{{- $isWebhook := eq $part "webhook" }}
{{- $own := get $root.Values $part }}
{{- $processes := $isWebhook | ternary (include "agentjob.processes" $root | int) 1 }}
{{- $secret := $isWebhook | ternary (include "agentjob.certificateSecret" $root) "" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: agentjob-{{ $part }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "agentjob.labels" (list $root $part) | nindent 4 }}
spec:
  replicas: {{ $own.replicas }}
  selector:
    matchLabels:
      {{- include "agentjob.selector" $part | nindent 6 }}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 0
      maxSurge: 1
  template:
    metadata:
      labels:
        {{- merge (include "agentjob.selector" $part | fromYaml) ($own.podLabels | default dict) | toYaml | nindent 8 }}
      annotations:
        {{- $checksum := dict "checksum/settings" (include "agentjob.settingsReadOnce" $root | sha256sum) }}
        {{- merge $checksum ($own.podAnnotations | default dict) | toYaml | nindent 8 }}
    spec:
      serviceAccountName: agentjob-{{ $part }}
      automountServiceAccountToken: true
      enableServiceLinks: false
      terminationGracePeriodSeconds: 30
      securityContext:
        {{- include "agentjob.podSecurityContext" $root | nindent 8 }}
      {{- with $root.Values.imagePullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $own.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $own.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $own.affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $own.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      topologySpreadConstraints:
        {{- if $own.topologySpreadConstraints }}
        {{- toYaml $own.topologySpreadConstraints | nindent 8 }}
        {{- else }}
        {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
        - maxSkew: 1
          topologyKey: {{ . }}
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              {{- include "agentjob.selector" $part | nindent 14 }}
          matchLabelKeys:
            - pod-template-hash
        {{- end }}
        {{- end }}
      containers:
        {{- range $index := until $processes }}
        {{- $suffix := include "agentjob.processSuffix" $index }}
        - name: {{ $part }}{{ $suffix }}
          image: {{ include "agentjob.image" $root | quote }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          args:
            - serve
            - --only
            - {{ $part }}
            - --settings
            - /etc/agentjob/settings/settings.json
            - --health-port
            - {{ add 8080 $index | quote }}
            {{- if $isWebhook }}
            - --port
            - {{ $own.port | quote }}
            - --controller-user
            - {{ include "agentjob.controllerUser" $root }}
            {{- if gt $processes 1 }}
            - --share-port
            {{- end }}
            {{- if $secret }}
            - --certificates
            - /etc/agentjob/certificates
            {{- else }}
            - --certificate-duration
            - {{ $root.Values.certificates.selfSigned.duration }}
            {{- end }}
            {{- else }}
            - --lease-duration
            - {{ $own.leaseDurationSeconds | quote }}
            {{- end }}
          {{- with $own.env }}
          env:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          ports:
            {{- /* all of its processes have it, but a port of a pod is named once */}}
            {{- if and $isWebhook (eq $index 0) }}
            - name: webhook
              containerPort: {{ $own.port }}
              protocol: TCP
            {{- end }}
            - name: health{{ $suffix }}
              containerPort: {{ add 8080 $index }}
              protocol: TCP
          livenessProbe:
            httpGet:
              path: /healthz
              port: health{{ $suffix }}
            periodSeconds: 10
            timeoutSeconds: 5
            terminationGracePeriodSeconds: 12
            {{- /* who is ended because his node is busy makes it busier */}}
            failureThreshold: 6
          readinessProbe:
            httpGet:
              path: /readyz
              port: health{{ $suffix }}
            periodSeconds: 2
            timeoutSeconds: 5
          resources:
            {{- toYaml $own.resources | nindent 12 }}
          securityContext:
            {{- include "agentjob.securityContext" $root | nindent 12 }}
          volumeMounts:
            - name: settings
              mountPath: /etc/agentjob/settings
              readOnly: true
            {{- if $secret }}
            - name: certificates
              mountPath: /etc/agentjob/certificates
              readOnly: true
            {{- end }}
        {{- end }}
      volumes:
        - name: settings
          configMap:
            name: agentjob-settings
        {{- if $secret }}
        - name: certificates
          secret:
            secretName: {{ $secret }}
        {{- end }}
{{- end }}
