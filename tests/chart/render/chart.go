// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"
)

// metadata is .Chart: a struct, so that a misspelt field is an error.
type metadata struct {
	Name         string                   `json:"name,omitempty"`
	Home         string                   `json:"home,omitempty"`
	Sources      []string                 `json:"sources,omitempty"`
	Version      string                   `json:"version,omitempty"`
	Description  string                   `json:"description,omitempty"`
	Keywords     []string                 `json:"keywords,omitempty"`
	Maintainers  []map[string]interface{} `json:"maintainers,omitempty"`
	Icon         string                   `json:"icon,omitempty"`
	APIVersion   string                   `json:"apiVersion,omitempty"`
	Condition    string                   `json:"condition,omitempty"`
	Tags         string                   `json:"tags,omitempty"`
	AppVersion   string                   `json:"appVersion,omitempty"`
	Deprecated   bool                     `json:"deprecated,omitempty"`
	Annotations  map[string]string        `json:"annotations,omitempty"`
	KubeVersion  string                   `json:"kubeVersion,omitempty"`
	Dependencies []map[string]interface{} `json:"dependencies,omitempty"`
	Type         string                   `json:"type,omitempty"`
	IsRoot       bool                     `json:"-"`
}

type kubeVersion struct{ Version, Major, Minor string }

func (v *kubeVersion) String() string     { return v.Version }
func (v *kubeVersion) GitVersion() string { return v.Version }

type versionSet []string

func (set versionSet) Has(version string) bool {
	for _, one := range set {
		if one == version {
			return true
		}
	}
	return false
}

type helmVersion struct{ Version, GitCommit, GitTreeState, GoVersion string }

type capabilities struct {
	KubeVersion kubeVersion
	APIVersions versionSet
	HelmVersion helmVersion
}

type chart struct {
	metadata  metadata
	values    map[string]interface{}
	templates map[string]string
	files     files
}

func (c *chart) name() string { return c.metadata.Name }

// ignoreRule is a line of .helmignore.
type ignoreRule struct {
	pattern                   string
	negate, onlyFolder, whole bool
}

func parseIgnore(text string) (rules []ignoreRule) {
	for _, line := range strings.Split(text+"\ntemplates/.?*", "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		rule := ignoreRule{}
		rule.negate = strings.HasPrefix(line, "!")
		line = strings.TrimPrefix(line, "!")
		rule.onlyFolder = strings.HasSuffix(line, "/")
		line = strings.TrimSuffix(line, "/")
		rule.whole = strings.Contains(line, "/")
		rule.pattern = strings.TrimPrefix(line, "/")
		rules = append(rules, rule)
	}
	return rules
}

func isIgnored(rules []ignoreRule, name string, isFolder bool) bool {
	for _, rule := range rules {
		subject := name
		if !rule.whole {
			subject = path.Base(name)
		}
		matches, _ := filepath.Match(rule.pattern, subject)
		if rule.negate {
			if (rule.onlyFolder && !isFolder) || !matches {
				return true
			}
		} else if matches && (!rule.onlyFolder || isFolder) {
			return true
		}
	}
	return false
}

func loadChart(folder string) (*chart, error) {
	c := &chart{values: map[string]interface{}{}, templates: map[string]string{}, files: files{}}
	ignored, _ := os.ReadFile(filepath.Join(folder, ".helmignore"))
	rules := parseIgnore(string(ignored))
	err := filepath.Walk(folder, func(name string, info os.FileInfo, err error) error {
		if err != nil || name == folder {
			return err
		}
		relative, _ := filepath.Rel(folder, name)
		if isIgnored(rules, relative, info.IsDir()) {
			if info.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if info.IsDir() {
			return nil
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return c.add(relative, data)
	})
	if err == nil && c.metadata.Name == "" {
		err = fmt.Errorf("%s has no Chart.yaml with a name", folder)
	}
	return c, err
}

func (c *chart) add(name string, data []byte) error {
	switch {
	case name == "Chart.yaml":
		return yaml.Unmarshal(data, &c.metadata)
	case name == "values.yaml":
		return yaml.Unmarshal(data, &c.values)
	case name == "values.schema.json":
	case strings.HasPrefix(name, "templates/"):
		c.templates[name] = string(data)
	case strings.HasPrefix(name, "charts/"):
		return fmt.Errorf("%s: subcharts are not rendered here", name)
	default:
		c.files[name] = data
	}
	return nil
}

func newCapabilities(version string, more []string) (*capabilities, error) {
	parts := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	if len(parts) < 2 {
		return nil, fmt.Errorf("%q is no version", version)
	}
	for _, part := range parts[:2] {
		if _, err := strconv.Atoi(part); err != nil {
			return nil, fmt.Errorf("%q is no version", version)
		}
	}
	if len(parts) == 2 {
		parts = append(parts, "0")
	}
	set := versionSet{"v1", "apps/v1", "autoscaling/v1", "autoscaling/v2", "batch/v1",
		"networking.k8s.io/v1", "policy/v1", "rbac.authorization.k8s.io/v1",
		"admissionregistration.k8s.io/v1", "apiextensions.k8s.io/v1", "apiregistration.k8s.io/v1",
		"authentication.k8s.io/v1", "authorization.k8s.io/v1", "certificates.k8s.io/v1",
		"coordination.k8s.io/v1", "discovery.k8s.io/v1", "events.k8s.io/v1",
		"flowcontrol.apiserver.k8s.io/v1", "node.k8s.io/v1", "scheduling.k8s.io/v1",
		"storage.k8s.io/v1"}
	return &capabilities{
		KubeVersion: kubeVersion{"v" + strings.Join(parts, "."), parts[0], parts[1]},
		APIVersions: append(set, more...),
		HelmVersion: helmVersion{Version: "v3.19.0", GoVersion: "go1.24"},
	}, nil
}

// renderValues is what a template sees as its dot.
func (c *chart) renderValues(o options) (map[string]interface{}, error) {
	capabilities, err := newCapabilities(o.kubeVersion, o.apiVersions)
	if err != nil {
		return nil, err
	}
	given, err := o.mergedValues()
	if err != nil {
		return nil, err
	}
	c.metadata.IsRoot = true
	return map[string]interface{}{
		"Chart":        c.metadata,
		"Capabilities": capabilities,
		"Files":        c.files,
		"Subcharts":    map[string]interface{}{},
		"Release": map[string]interface{}{"Name": o.release, "Namespace": o.namespace,
			"IsUpgrade": false, "IsInstall": true, "Revision": 1, "Service": "Helm"},
		"Values": coalesce(given, c.values),
	}, nil
}
