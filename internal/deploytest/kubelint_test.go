package deploytest_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/quintet-ai/quintet/server/config"
)

// cluster is what the manifests describe. Its rules stand in for kube-linter, whose module
// cannot be had everywhere: the checks of that program's default set that concern these
// objects, and that whatever is referred to is there.
type cluster struct {
	namespaces  map[string]string // name of an object to its namespace
	configs     map[string]map[string]string
	secrets     map[string]map[string]string
	services    []*core.Service
	claims      map[string]bool
	deployments map[string]*apps.Deployment
	workloads   []workload
	scalers     []*autoscaling.HorizontalPodAutoscaler
	budgets     []*policy.PodDisruptionBudget
	ingresses   []*networking.Ingress
	policies    []*networking.NetworkPolicy
}

// workload is whatever makes pods.
type workload struct {
	name     string
	selector *meta.LabelSelector // nil for jobs
	pod      core.PodTemplateSpec
	claims   []string // of templates
	serves   bool     // it runs on, and needs probes
}

func put[V any](m *map[string]V, k string, v V) {
	if *m == nil {
		*m = make(map[string]V)
	}
	(*m)[k] = v
}

func (c *cluster) add(o any) {
	if m, ok := o.(meta.Object); ok {
		if _, cluster := o.(*core.Namespace); !cluster {
			put(&c.namespaces, fmt.Sprintf("%T %s", o, m.GetName()), m.GetNamespace())
		}
	}
	switch o := o.(type) {
	case *core.ConfigMap:
		put(&c.configs, o.Name, o.Data)
	case *core.Secret:
		put(&c.secrets, o.Name, o.StringData)
	case *core.Service:
		c.services = append(c.services, o)
	case *core.PersistentVolumeClaim:
		put(&c.claims, o.Name, true)
	case *apps.Deployment:
		put(&c.deployments, o.Name, o)
		c.workloads = append(c.workloads, workload{name: o.Name, selector: o.Spec.Selector, pod: o.Spec.Template, serves: true})
	case *apps.StatefulSet:
		w := workload{name: o.Name, selector: o.Spec.Selector, pod: o.Spec.Template, serves: true}
		for _, claim := range o.Spec.VolumeClaimTemplates {
			w.claims = append(w.claims, claim.Name)
		}
		c.workloads = append(c.workloads, w)
	case *batch.CronJob:
		c.workloads = append(c.workloads, workload{name: o.Name, pod: o.Spec.JobTemplate.Spec.Template})
	case *autoscaling.HorizontalPodAutoscaler:
		c.scalers = append(c.scalers, o)
	case *policy.PodDisruptionBudget:
		c.budgets = append(c.budgets, o)
	case *networking.Ingress:
		c.ingresses = append(c.ingresses, o)
	case *networking.NetworkPolicy:
		c.policies = append(c.policies, o)
	}
}

// complaints are all violations.
func (c cluster) complaints() (bad []string) {
	say := func(format string, a ...any) { bad = append(bad, fmt.Sprintf(format, a...)) }
	for _, name := range slices.Sorted(maps.Keys(c.namespaces)) {
		if ns := c.namespaces[name]; ns != "quintet" {
			say("%s is in namespace %s", name, ns)
		}
	}
	for _, w := range c.workloads {
		c.checkWorkload(w, say)
	}
	for _, s := range c.services {
		for _, p := range s.Spec.Ports {
			if !c.hasPort(s.Spec.Selector, p.TargetPort) {
				say("service %s: no port %s", s.Name, p.TargetPort.String())
			}
		}
	}
	for _, s := range c.scalers {
		d := c.deployments[s.Spec.ScaleTargetRef.Name]
		if d == nil {
			say("scaler %s: no deployment %s", s.Name, s.Spec.ScaleTargetRef.Name)
		} else if d.Spec.Replicas != nil {
			say("deployment %s has a fixed number and a scaler", d.Name)
		}
	}
	for _, b := range c.budgets {
		if !c.anyPod(b.Spec.Selector.MatchLabels) {
			say("budget %s selects no pods", b.Name)
		}
	}
	for _, p := range c.policies {
		if !c.anyPod(p.Spec.PodSelector.MatchLabels) {
			say("policy %s selects no pods", p.Name)
		}
	}
	for _, i := range c.ingresses {
		for _, r := range i.Spec.Rules {
			for _, p := range r.HTTP.Paths {
				if b := p.Backend.Service; !c.hasServicePort(b.Name, b.Port.Name) {
					say("ingress %s: no service %s with port %s", i.Name, b.Name, b.Port.Name)
				}
			}
		}
	}
	c.checkSettings(say)
	return bad
}

// checkSettings looks for names that the program would ignore.
func (c cluster) checkSettings(say func(string, ...any)) {
	known := map[string]bool{"SSL_CERT_FILE": true}
	for _, s := range config.Settings() {
		known[s.Env] = true
	}
	for name := range c.configs["quintet"] {
		if !known[name] {
			say("config map quintet: no setting %s", name)
		}
	}
}

func (c cluster) checkWorkload(w workload, say func(string, ...any)) {
	complain := func(format string, a ...any) { say(w.name+": "+format, a...) }
	spec := w.pod.Spec
	if w.selector != nil && !matches(w.selector.MatchLabels, w.pod.Labels) {
		complain("it selects none of its pods")
	}
	if spec.AutomountServiceAccountToken == nil || *spec.AutomountServiceAccountToken {
		complain("it gets a token of the cluster")
	}
	if s := spec.SecurityContext; s == nil || s.RunAsNonRoot == nil || !*s.RunAsNonRoot {
		complain("it may run as root")
	} else if s.SeccompProfile == nil || s.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault {
		complain("no profile of seccomp")
	}
	if spec.HostNetwork || spec.HostPID || spec.HostIPC {
		complain("it uses namespaces of the host")
	}
	volumes := slices.Clone(w.claims)
	for _, v := range spec.Volumes {
		volumes = append(volumes, v.Name)
		c.checkVolume(v, complain)
	}
	for _, container := range spec.Containers {
		checkContainer(container, w.serves, complain)
		for _, m := range container.VolumeMounts {
			if !slices.Contains(volumes, m.Name) {
				complain("no volume %s", m.Name)
			}
		}
		for _, e := range container.EnvFrom {
			if e.ConfigMapRef != nil && c.configs[e.ConfigMapRef.Name] == nil {
				complain("no config map %s", e.ConfigMapRef.Name)
			}
		}
	}
}

func (c cluster) checkVolume(v core.Volume, complain func(string, ...any)) {
	if v.HostPath != nil {
		complain("volume %s is of the host", v.Name)
	}
	if v.ConfigMap != nil && c.configs[v.ConfigMap.Name] == nil {
		complain("no config map %s", v.ConfigMap.Name)
	}
	if v.PersistentVolumeClaim != nil && !c.claims[v.PersistentVolumeClaim.ClaimName] {
		complain("no claim %s", v.PersistentVolumeClaim.ClaimName)
	}
	if v.Secret == nil {
		return
	}
	keys, ok := c.secrets[v.Secret.SecretName]
	if !ok {
		complain("no secret %s", v.Secret.SecretName)
	}
	for _, item := range v.Secret.Items {
		if _, ok := keys[item.Key]; !ok {
			complain("secret %s has no key %s", v.Secret.SecretName, item.Key)
		}
	}
}

func checkContainer(c core.Container, serves bool, complain func(string, ...any)) {
	if s := c.SecurityContext; s == nil {
		complain("container %s has no security context", c.Name)
	} else {
		if s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation || s.Privileged != nil && *s.Privileged {
			complain("container %s may gain privileges", c.Name)
		}
		if s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem {
			complain("container %s may write to its root", c.Name)
		}
		if s.Capabilities == nil || !slices.Contains(s.Capabilities.Drop, "ALL") {
			complain("container %s keeps capabilities", c.Name)
		}
	}
	for _, r := range []core.ResourceName{core.ResourceCPU, core.ResourceMemory} {
		if _, ok := c.Resources.Limits[r]; !ok {
			complain("container %s has no limit of %s", c.Name, r)
		}
		if _, ok := c.Resources.Requests[r]; !ok {
			complain("container %s has no request of %s", c.Name, r)
		}
	}
	if _, version, ok := strings.Cut(c.Image, ":"); !ok || version == "latest" {
		complain("image %s has no version", c.Image)
	}
	if !serves {
		return
	}
	for _, p := range []*core.Probe{c.StartupProbe, c.LivenessProbe, c.ReadinessProbe} {
		if p == nil {
			complain("container %s has not all probes", c.Name)
		} else if p.HTTPGet != nil && !containerHas(c, p.HTTPGet.Port) {
			complain("container %s: no port %s", c.Name, p.HTTPGet.Port.String())
		}
	}
}

func containerHas(c core.Container, p intstr.IntOrString) bool {
	return slices.ContainsFunc(c.Ports, func(has core.ContainerPort) bool {
		return has.Name == p.StrVal || p.Type == intstr.Int && has.ContainerPort == p.IntVal
	})
}

func matches(selector, labels map[string]string) bool {
	for k, v := range selector {
		if labels[k] != v {
			return false
		}
	}
	return true
}

func (c cluster) anyPod(selector map[string]string) bool {
	return slices.ContainsFunc(c.workloads, func(w workload) bool { return matches(selector, w.pod.Labels) })
}

func (c cluster) hasPort(selector map[string]string, p intstr.IntOrString) bool {
	return slices.ContainsFunc(c.workloads, func(w workload) bool {
		return matches(selector, w.pod.Labels) && slices.ContainsFunc(w.pod.Spec.Containers, func(x core.Container) bool { return containerHas(x, p) })
	})
}

func (c cluster) hasServicePort(name, port string) bool {
	return slices.ContainsFunc(c.services, func(s *core.Service) bool {
		return s.Name == name && slices.ContainsFunc(s.Spec.Ports, func(p core.ServicePort) bool { return p.Name == port })
	})
}
