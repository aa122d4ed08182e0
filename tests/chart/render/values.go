// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"
)

type table = map[string]interface{}

// merge lays b over a.
func merge(a, b table) table {
	out := table{}
	for key, value := range a {
		out[key] = value
	}
	for key, value := range b {
		inner, isTable := value.(table)
		old, wasTable := out[key].(table)
		if isTable && wasTable {
			out[key] = merge(old, inner)
		} else {
			out[key] = value
		}
	}
	return out
}

// coalesce fills what was given up with the chart's defaults; a null that was given takes a
// default away, and a default that is null is none.
func coalesce(given, defaults table) table {
	for key, standard := range defaults {
		value, isGiven := given[key]
		inner, isTable := value.(table)
		base, hasTable := standard.(table)
		switch {
		case !isGiven && hasTable:
			given[key] = coalesce(table{}, base)
		case !isGiven && standard != nil:
			given[key] = standard
		case isGiven && value == nil && standard != nil:
			delete(given, key)
		case isTable && hasTable:
			coalesce(inner, base)
		}
	}
	return given
}

func (o options) mergedValues() (table, error) {
	base := table{}
	for _, name := range o.valueFiles {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		one := table{}
		if err := yaml.Unmarshal(data, &one); err != nil {
			return nil, fmt.Errorf("%s: %v", name, err)
		}
		base = merge(base, one)
	}
	for _, text := range o.jsonValues {
		if strings.HasPrefix(strings.TrimSpace(text), "{") {
			one := table{}
			if err := json.Unmarshal([]byte(text), &one); err != nil {
				return nil, err
			}
			base = merge(base, one)
		} else if err := setAll(base, text, kindJSON); err != nil {
			return nil, err
		}
	}
	for _, group := range []struct {
		kind  setKind
		texts []string
	}{{kindTyped, o.values}, {kindText, o.texts}, {kindFile, o.fromFile}} {
		for _, text := range group.texts {
			if err := setAll(base, text, group.kind); err != nil {
				return nil, err
			}
		}
	}
	return base, nil
}

type setKind int

const (
	kindTyped setKind = iota
	kindText
	kindFile
	kindJSON
)

// setter reads `a.b[0].c=1,d={x,y}`: names up to a stop character, a backslash taking the meaning
// from the character behind it.
type setter struct {
	rest []rune
	kind setKind
}

func setAll(into table, text string, kind setKind) error {
	s := &setter{[]rune(text), kind}
	for len(s.rest) > 0 {
		if err := s.key(into, 0); err != nil {
			return fmt.Errorf("--set %s: %v", text, err)
		}
	}
	return nil
}

// until gives the text before the next stop character, which it passes; 0 at the end.
func (s *setter) until(stops string) (string, rune) {
	var out []rune
	for len(s.rest) > 0 {
		r := s.rest[0]
		s.rest = s.rest[1:]
		if strings.ContainsRune(stops, r) {
			return string(out), r
		}
		if r == '\\' {
			if len(s.rest) == 0 {
				return string(out), 0
			}
			r = s.rest[0]
			s.rest = s.rest[1:]
		}
		out = append(out, r)
	}
	return string(out), 0
}

func (s *setter) key(into table, depth int) error {
	name, stop := s.until("=[,.")
	switch stop {
	case '=':
		value, err := s.value()
		if err == nil && name != "" {
			into[name] = value
		}
		return err
	case '.':
		if depth++; depth > 30 {
			return fmt.Errorf("it is nested too deeply")
		}
		inner := table{}
		if old, ok := into[name]; ok {
			if inner, ok = old.(table); !ok {
				return fmt.Errorf("%s is no table", name)
			}
		}
		if len(s.rest) == 0 {
			return nil
		}
		if err := s.key(inner, depth); err != nil {
			return err
		}
		if len(inner) == 0 {
			return fmt.Errorf("key map %q has no value", name)
		}
		if name != "" {
			into[name] = inner
		}
		return nil
	case '[':
		var list []interface{}
		if old, ok := into[name]; ok {
			if list, ok = old.([]interface{}); !ok {
				return fmt.Errorf("%s is no list", name)
			}
		}
		list, err := s.item(list, depth)
		if err == nil && name != "" {
			into[name] = list
		}
		return err
	case ',':
		return fmt.Errorf("key %q has no value (cannot end with ,)", name)
	}
	if name == "" {
		return nil
	}
	return fmt.Errorf("key %q has no value", name)
}

// item stands behind the [ of an index.
func (s *setter) item(list []interface{}, depth int) ([]interface{}, error) {
	number, stop := s.until("]")
	index, err := strconv.Atoi(number)
	if err != nil || stop == 0 || index < 0 || index > 65536 {
		return nil, fmt.Errorf("%q is no index", number)
	}
	var old, value interface{}
	if index < len(list) {
		old = list[index]
	}
	name, stop := s.until("[.=")
	if name != "" {
		return nil, fmt.Errorf("unexpected data at end of array index: %q", name)
	}
	switch stop {
	case '=':
		value, err = s.value()
	case '[':
		inner, ok := old.([]interface{})
		if !ok && old != nil {
			return nil, fmt.Errorf("item %d is no list", index)
		}
		value, err = s.item(inner, depth)
	case '.':
		inner, ok := old.(table)
		if !ok {
			inner = table{}
		}
		err = s.key(inner, depth)
		value = inner
	default:
		err = fmt.Errorf("index %d has no value", index)
	}
	if err != nil {
		return nil, err
	}
	for len(list) <= index {
		list = append(list, nil)
	}
	list[index] = value
	return list, nil
}

func (s *setter) value() (interface{}, error) {
	if s.kind == kindJSON {
		return s.jsonValue()
	}
	if len(s.rest) > 0 && s.rest[0] == '{' {
		s.rest = s.rest[1:]
		list := []interface{}{}
		for {
			text, stop := s.until(",}")
			if stop == 0 {
				return nil, fmt.Errorf("list must terminate with '}'")
			}
			value, err := s.typed(text)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
			if stop == '}' {
				if len(s.rest) > 0 && s.rest[0] == ',' {
					s.rest = s.rest[1:]
				}
				return list, nil
			}
		}
	}
	if len(s.rest) == 0 {
		return "", nil
	}
	text, _ := s.until(",")
	return s.typed(text)
}

func (s *setter) jsonValue() (interface{}, error) {
	text := strings.TrimLeft(string(s.rest), " \t\n")
	if text == "" || text[0] == ',' {
		s.rest = []rune(strings.TrimPrefix(text, ","))
		return nil, nil
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	var value interface{}
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	text = strings.TrimLeft(text[decoder.InputOffset():], " \t\n")
	s.rest = []rune(strings.TrimPrefix(text, ","))
	return value, nil
}

func (s *setter) typed(text string) (interface{}, error) {
	switch {
	case s.kind == kindText:
		return text, nil
	case s.kind == kindFile:
		data, err := os.ReadFile(text)
		return string(data), err
	case strings.EqualFold(text, "true"):
		return true, nil
	case strings.EqualFold(text, "false"):
		return false, nil
	case strings.EqualFold(text, "null"):
		return nil, nil
	case text == "0":
		return int64(0), nil
	case text != "" && text[0] != '0':
		if number, err := strconv.ParseInt(text, 10, 64); err == nil {
			return number, nil
		}
	}
	return text, nil
}
