package deploytest_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

const deployment = "../../deployment"

// decode reads one object strictly: an unknown or repeated field is an error.
func decode(doc []byte) (any, error) {
	var kind struct{ APIVersion, Kind string }
	if err := yaml.Unmarshal(doc, &kind); err != nil {
		return nil, err
	}
	into := map[string]any{
		"v1 Namespace":                           &core.Namespace{},
		"v1 ConfigMap":                           &core.ConfigMap{},
		"v1 Secret":                              &core.Secret{},
		"v1 Service":                             &core.Service{},
		"v1 PersistentVolumeClaim":               &core.PersistentVolumeClaim{},
		"apps/v1 Deployment":                     &apps.Deployment{},
		"apps/v1 StatefulSet":                    &apps.StatefulSet{},
		"batch/v1 CronJob":                       &batch.CronJob{},
		"autoscaling/v2 HorizontalPodAutoscaler": &autoscaling.HorizontalPodAutoscaler{},
		"policy/v1 PodDisruptionBudget":          &policy.PodDisruptionBudget{},
		"networking.k8s.io/v1 Ingress":           &networking.Ingress{},
		"networking.k8s.io/v1 NetworkPolicy":     &networking.NetworkPolicy{},
	}[kind.APIVersion+" "+kind.Kind]
	if into == nil {
		return nil, fmt.Errorf("no type for %s %s", kind.APIVersion, kind.Kind)
	}
	return into, yaml.UnmarshalStrict(doc, into)
}

// documents splits a file and leaves out what has comments only.
func documents(file []byte) (out [][]byte) {
	for _, doc := range bytes.Split(file, []byte("\n---\n")) {
		if bytes.Contains(doc, []byte("kind:")) {
			out = append(out, doc)
		}
	}
	return out
}

// manifests are all files of the folder, as one text with its separators.
func manifests(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(deployment, "kubernetes", "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var all []string
	for _, f := range files {
		body, err := os.ReadFile(f)
		require.NoError(t, err)
		require.True(t, bytes.HasPrefix(body, []byte("# ")), "%s has no header", f)
		all = append(all, string(body))
	}
	return strings.Join(all, "\n---\n")
}

func objects(t *testing.T, text string) cluster {
	t.Helper()
	var c cluster
	for _, doc := range documents([]byte(text)) {
		o, err := decode(doc)
		require.NoError(t, err, "%s", doc)
		c.add(o)
	}
	return c
}

func TestManifestsAreOfTheirTypes(t *testing.T) {
	c := objects(t, manifests(t))
	require.Len(t, c.deployments, 3)
	require.Len(t, c.scalers, 2)
	require.NotEmpty(t, c.policies)
	require.NotEmpty(t, c.claims)
	require.NotEmpty(t, c.budgets)
	require.NotEmpty(t, c.ingresses)
	for name, bad := range map[string]string{
		"unknown field": "apiVersion: v1\nkind: Service\nspec: {port: 1}",
		"wrong type":    "apiVersion: v1\nkind: Service\nspec: {ports: 1}",
		"twice":         "apiVersion: v1\nkind: Service\nspec: {}\nspec: {}",
		"unknown kind":  "apiVersion: apps/v1beta1\nkind: Deployment",
	} {
		_, err := decode([]byte(bad))
		require.Error(t, err, name)
	}
}

func TestManifestsKeepTheRules(t *testing.T) {
	require.Empty(t, objects(t, manifests(t)).complaints())
}

func TestRulesFindWhatBreaksThem(t *testing.T) {
	text := manifests(t)
	for name, p := range map[string]struct{ old, new, want string }{
		"root":             {"runAsNonRoot: true", "runAsNonRoot: false", "may run as root"},
		"privileges":       {"allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true", "may gain privileges"},
		"capabilities":     {"capabilities: {drop: [ALL]}", "capabilities: {}", "keeps capabilities"},
		"writable root":    {"readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "may write to its root"},
		"no seccomp":       {"seccompProfile: {type: RuntimeDefault}", "seccompProfile: {type: Unconfined}", "seccomp"},
		"no limit":         {"limits: {cpu: 2, memory: 2Gi}", "limits: {cpu: 2}", "no limit of memory"},
		"no probe":         {"          readinessProbe:\n            httpGet: {path: /readyz, port: monitoring}\n            periodSeconds: 2\n            timeoutSeconds: 2\n            failureThreshold: 2\n", "", "has not all probes"},
		"latest":           {"quintet/quintetd:0.1.0", "quintet/quintetd", "no version"},
		"token":            {"automountServiceAccountToken: false", "automountServiceAccountToken: true", "token of the cluster"},
		"other labels":     {"component: api}\n      annotations", "component: apy}\n      annotations", "selects none of its pods"},
		"no such secret":   {"secretName: quintet,", "secretName: quintett,", "no secret quintett"},
		"no such key":      {"key: redis_password,", "key: redis_pass,", "no key redis_pass"},
		"no such map":      {"configMap: {name: redis}", "configMap: {name: redes}", "no config map redes"},
		"no such volume":   {"{name: ca, mountPath", "{name: cb, mountPath", "no volume cb"},
		"no such port":     {"targetPort: http", "targetPort: htp", "no port htp"},
		"no such service":  {"name: api\n                port", "name: apj\n                port", "no service apj"},
		"nothing to scale": {"kind: Deployment, name: worker", "kind: Deployment, name: walker", "no deployment walker"},
		"budget of nobody": {"minAvailable: 1\n  selector:\n    matchLabels: {app.kubernetes.io/name: quintetd, app.kubernetes.io/component: api}", "minAvailable: 1\n  selector:\n    matchLabels: {app: x}", "selects no pods"},
		"policy of nobody": {"matchLabels: {app.kubernetes.io/name: redis}\n  policyTypes", "matchLabels: {app.kubernetes.io/name: radish}\n  policyTypes", "selects no pods"},
		"no claim":         {"claimName: backup", "claimName: bckup", "no claim bckup"},
		"other namespace":  {"name: dns\n  namespace: quintet", "name: dns\n  namespace: default", "namespace default"},
		"probe of no port": {"path: /readyz, port: monitoring", "path: /readyz, port: montoring", "no port montoring"},
		"scaled and fixed": {"# How many is the business of the autoscaler.", "replicas: 2", "fixed number"},
		"unknown setting":  {"LOG_LEVEL: info", "LOG_LEVL: info", "no setting LOG_LEVL"},
	} {
		t.Run(name, func(t *testing.T) {
			require.True(t, strings.Contains(text, p.old))
			require.Contains(t, strings.Join(objects(t, strings.Replace(text, p.old, p.new, 1)).complaints(), "\n"), p.want)
		})
	}
}
