// SPDX-License-Identifier: Apache-2.0

// The reference that `app render-helm` is held to: it renders charts and snippets by the libraries
// that Helm itself stands on (text/template, sprig, sigs.k8s.io/yaml), set up as Helm sets them up.
//
//	render chart DIR [OPTION]…         {"templates": {"chart/templates/x.yaml": text, …}} or {"error": …}
//	render snippets DIR FILE           {"text": …} or {"error": …}, a line for each line of FILE,
//	                                   rendered as a template of the chart in DIR; ⏎ is a new line
//	render time DIR COUNT [OPTION]…    microseconds of one rendering, loading included
//
// Build: GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=… go build -o render .
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"
)

// options are what `helm template` takes of the command line, in its own order of precedence.
type options struct {
	release, namespace, kubeVersion                 string
	apiVersions                                     []string
	valueFiles, jsonValues, values, texts, fromFile []string
}

func parseOptions(arguments []string) (options, error) {
	o := options{release: "sandglass", namespace: "default", kubeVersion: "v1.34.0"}
	texts := map[string]*string{"--release": &o.release, "--namespace": &o.namespace,
		"--kube-version": &o.kubeVersion}
	lists := map[string]*[]string{"-f": &o.valueFiles, "--values": &o.valueFiles,
		"--set-json": &o.jsonValues, "--set": &o.values, "--set-string": &o.texts,
		"--set-file": &o.fromFile, "--api-versions": &o.apiVersions}
	for i := 0; i < len(arguments); i += 2 {
		if i+1 == len(arguments) {
			return o, fmt.Errorf("%s needs a value", arguments[i])
		}
		if text, ok := texts[arguments[i]]; ok {
			*text = arguments[i+1]
		} else if list, ok := lists[arguments[i]]; ok {
			*list = append(*list, arguments[i+1])
		} else {
			return o, fmt.Errorf("%s is not an option", arguments[i])
		}
	}
	return o, nil
}

func print(value interface{}) {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
}

func renderChart(folder string, o options) (map[string]string, error) {
	chart, err := loadChart(folder)
	if err != nil {
		return nil, err
	}
	top, err := chart.renderValues(o)
	if err != nil {
		return nil, err
	}
	return chart.render(top)
}

func renderSnippets(folder, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for _, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		if line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		chart, err := loadChart(folder)
		if err != nil {
			return err
		}
		top, err := chart.renderValues(options{release: "sandglass", namespace: "default",
			kubeVersion: "v1.34.0"})
		if err != nil {
			return err
		}
		chart.templates["templates/NOTES.txt"] = strings.ReplaceAll(line, "⏎", "\n")
		rendered, err := chart.render(top)
		if err != nil {
			print(map[string]string{"error": err.Error()})
		} else {
			print(map[string]string{"text": rendered[chart.name()+"/templates/NOTES.txt"]})
		}
	}
	return nil
}

func median(times []time.Duration) int64 {
	sort.Slice(times, func(i, j int) bool { return times[i] < times[j] })
	return times[len(times)/2].Microseconds()
}

func run(arguments []string) error {
	if len(arguments) < 2 {
		return fmt.Errorf("it is: render chart DIR [OPTION]… | snippets DIR FILE | time DIR COUNT [OPTION]…")
	}
	switch arguments[0] {
	case "chart":
		o, err := parseOptions(arguments[2:])
		if err != nil {
			return err
		}
		rendered, err := renderChart(arguments[1], o)
		if err != nil {
			print(map[string]string{"error": err.Error()})
		} else {
			print(map[string]interface{}{"templates": rendered})
		}
		return nil
	case "snippets":
		if len(arguments) != 3 {
			return fmt.Errorf("it is: render snippets DIR FILE")
		}
		return renderSnippets(arguments[1], arguments[2])
	case "time":
		count, err := strconv.Atoi(arguments[2])
		if err != nil {
			return err
		}
		o, err := parseOptions(arguments[3:])
		if err != nil {
			return err
		}
		var times []time.Duration
		for i := 0; i < count; i++ {
			start := time.Now()
			if _, err := renderChart(arguments[1], o); err != nil {
				return err
			}
			times = append(times, time.Since(start))
		}
		fmt.Println(median(times))
		return nil
	}
	return fmt.Errorf("%q is not something to do", arguments[0])
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "render: %v\n", err)
		os.Exit(2)
	}
}
