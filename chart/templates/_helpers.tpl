{{/* Names and labels; nothing else belongs here. */}}

{{- define "sandglass.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* The release's name, with the chart's where it does not hold it yet; room is left for suffixes. */}}
{{- define "sandglass.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The Service that reaches the agent server; with a separate UI the other Service is the users'. */}}
{{- define "sandglass.serverServiceName" -}}
{{- ternary (printf "%s-server" (include "sandglass.fullname" .)) (include "sandglass.fullname" .) .Values.ui.separate -}}
{{- end -}}

{{- define "sandglass.serviceAccountName" -}}
{{- default (ternary (include "sandglass.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name -}}
{{- end -}}

{{- define "sandglass.runnerNamespace" -}}
{{- default .Release.Namespace .Values.runner.namespace.name -}}
{{- end -}}

{{- define "sandglass.secretName" -}}
{{- default (include "sandglass.fullname" .) .Values.auth.existingSecret -}}
{{- end -}}

{{- define "sandglass.claimName" -}}
{{- default (printf "%s-state" (include "sandglass.fullname" .)) .Values.persistence.existingClaim -}}
{{- end -}}

{{/* An image's whole name: list of the context and a repository of its own, "" for the common one. */}}
{{- define "sandglass.image" -}}
{{- $root := index . 0 -}}
{{- $image := $root.Values.image -}}
{{- $repository := default $image.repository (index . 1) -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (default $root.Chart.AppVersion $image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "sandglass.selectorLabels" -}}
app.kubernetes.io/name: {{ include "sandglass.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "sandglass.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | quote }}
{{ include "sandglass.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: sandglass
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}
