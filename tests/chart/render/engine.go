// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"sort"
	"strings"
	"text/template"

	"github.com/BurntSushi/toml"
	"github.com/Masterminds/sprig"
	"github.com/gobwas/glob"
	goyaml "gopkg.in/yaml.v3"
	"sigs.k8s.io/yaml"
)

const maxNesting = 1000

// files is .Files.
type files map[string][]byte

func (f files) GetBytes(name string) []byte { return append([]byte{}, f[name]...) }
func (f files) Get(name string) string      { return string(f[name]) }

func (f files) Glob(pattern string) files {
	matcher, err := glob.Compile(pattern, '/')
	if err != nil {
		matcher, _ = glob.Compile("**")
	}
	found := files{}
	for name, data := range f {
		if matcher.Match(name) {
			found[name] = data
		}
	}
	return found
}

func (f files) AsConfig() string {
	return f.asYAML(func(data []byte) string { return string(data) })
}

func (f files) AsSecrets() string {
	return f.asYAML(base64.StdEncoding.EncodeToString)
}

func (f files) asYAML(write func([]byte) string) string {
	texts := map[string]string{}
	for name, data := range f {
		texts[path.Base(name)] = write(data)
	}
	return toYAML(texts)
}

func (f files) Lines(name string) []string {
	if len(f[name]) == 0 {
		return []string{}
	}
	return strings.Split(strings.TrimSuffix(string(f[name]), "\n"), "\n")
}

func mustToYAML(value interface{}) (string, error) {
	data, err := yaml.Marshal(value)
	return strings.TrimSuffix(string(data), "\n"), err
}

func toYAML(value interface{}) string {
	text, err := mustToYAML(value)
	if err != nil {
		return ""
	}
	return text
}

func toYAMLPretty(value interface{}) string {
	var out bytes.Buffer
	encoder := goyaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(value); err != nil {
		return ""
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func mustToJSON(value interface{}) (string, error) {
	data, err := json.Marshal(value)
	return string(data), err
}

func toJSON(value interface{}) string {
	text, _ := mustToJSON(value)
	return text
}

func toTOML(value interface{}) string {
	var out bytes.Buffer
	if err := toml.NewEncoder(&out).Encode(value); err != nil {
		return err.Error()
	}
	return out.String()
}

// tableReader and listReader put the error into the result, as Helm's functions do.
func tableReader(parse func([]byte, interface{}) error) func(string) map[string]interface{} {
	return func(text string) map[string]interface{} {
		result := map[string]interface{}{}
		if err := parse([]byte(text), &result); err != nil {
			result["Error"] = err.Error()
		}
		return result
	}
}

func listReader(parse func([]byte, interface{}) error) func(string) []interface{} {
	return func(text string) []interface{} {
		result := []interface{}{}
		if err := parse([]byte(text), &result); err != nil {
			result = []interface{}{err.Error()}
		}
		return result
	}
}

func parseYAML(data []byte, value interface{}) error { return yaml.Unmarshal(data, value) }

func required(message string, value interface{}) (interface{}, error) {
	if value == nil || value == "" {
		return value, errors.New(message)
	}
	return value, nil
}

type engine struct{ nesting map[string]int }

func (e *engine) include(t *template.Template) func(string, interface{}) (string, error) {
	return func(name string, dot interface{}) (string, error) {
		if e.nesting[name] > maxNesting {
			return "", fmt.Errorf("rendering template has a nested reference name: %s", name)
		}
		e.nesting[name]++
		defer func() { e.nesting[name]-- }()
		var out strings.Builder
		err := t.ExecuteTemplate(&out, name, dot)
		return out.String(), err
	}
}

func (e *engine) tpl(parent *template.Template) func(string, interface{}) (string, error) {
	return func(text string, dot interface{}) (string, error) {
		t, err := parent.Clone()
		if err != nil {
			return "", err
		}
		t.Option("missingkey=zero") // a clone loses it: golang.org/issue/43022
		t.Funcs(template.FuncMap{"include": e.include(t), "tpl": e.tpl(t)})
		if t, err = t.New(parent.Name()).Parse(text); err != nil {
			return "", err
		}
		var out strings.Builder
		err = t.Execute(&out, dot)
		return strings.ReplaceAll(out.String(), "<no value>", ""), err
	}
}

func (e *engine) functions(t *template.Template) template.FuncMap {
	functions := sprig.TxtFuncMap()
	delete(functions, "env")
	delete(functions, "expandenv")
	for name, function := range map[string]interface{}{
		"toYaml": toYAML, "mustToYaml": mustToYAML, "toYamlPretty": toYAMLPretty,
		"fromYaml": tableReader(parseYAML), "fromYamlArray": listReader(parseYAML),
		"toJson": toJSON, "mustToJson": mustToJSON,
		"fromJson": tableReader(json.Unmarshal), "fromJsonArray": listReader(json.Unmarshal),
		"toToml": toTOML, "fromToml": tableReader(toml.Unmarshal),
		"include": e.include(t), "tpl": e.tpl(t), "required": required,
		"fail":          func(message string) (string, error) { return "", errors.New(message) },
		"getHostByName": func(string) string { return "" },
		"lookup": func(string, string, string, string) (map[string]interface{}, error) {
			return map[string]interface{}{}, nil
		},
	} {
		functions[name] = function
	}
	return functions
}

// order is Helm's: the deepest first, so that a chart's own definitions win over a subchart's.
func (c *chart) order() (names []string) {
	for name := range c.templates {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		left, right := strings.Count(names[i], "/"), strings.Count(names[j], "/")
		if left != right {
			return left > right
		}
		return names[i] > names[j]
	})
	return names
}

func (c *chart) render(top map[string]interface{}) (rendered map[string]string, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("rendering template failed: %v", reason)
		}
	}()
	e := &engine{map[string]int{}}
	t := template.New("gotpl").Option("missingkey=zero")
	t.Funcs(e.functions(t))
	for _, name := range c.order() {
		if _, err := t.New(path.Join(c.name(), name)).Parse(c.templates[name]); err != nil {
			return nil, err
		}
	}
	rendered = map[string]string{}
	for _, name := range c.order() {
		if strings.HasPrefix(path.Base(name), "_") {
			continue
		}
		full := path.Join(c.name(), name)
		top["Template"] = map[string]interface{}{"Name": full, "BasePath": c.name() + "/templates"}
		var out strings.Builder
		if err := t.ExecuteTemplate(&out, full, top); err != nil {
			return nil, err
		}
		rendered[full] = strings.ReplaceAll(out.String(), "<no value>", "")
	}
	return rendered, nil
}
