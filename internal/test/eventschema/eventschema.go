// Package eventschema checks events against the schemas of docs/events, for tests: on everything that is emitted and
// everything that is accepted.
package eventschema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// prefix stands before a schema's name in its $id.
const prefix = "urn:iade:event:"

// compiled reads the schemas once.
var compiled = sync.OnceValues(compile)

func compile() (map[string]*jsonschema.Schema, error) {
	folder, err := folder()
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no schemas in %s: %w", folder, err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	var names []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read a schema: %w", err)
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		if err := compiler.AddResource(prefix+name, document); err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		names = append(names, name)
	}
	schemas := map[string]*jsonschema.Schema{}
	for _, name := range names {
		if schemas[name], err = compiler.Compile(prefix + name); err != nil {
			return nil, fmt.Errorf("compile %s: %w", name, err)
		}
		if !strings.HasSuffix(name, ".requested") {
			continue
		}
		if schemas[name+"#command"], err = compiler.Compile(prefix + name + "#/$defs/command"); err != nil {
			return nil, fmt.Errorf("compile %s: %w", name, err)
		}
	}
	return schemas, nil
}

// folder is docs/events, below the nearest folder above the working one that has a go.mod.
func folder() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the module's root: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "docs", "events"), nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("find the module's root: no go.mod above the working folder")
		}
		dir = parent
	}
}

// Check says what is wrong with an event: one of iade's by the kind before the dot of its detail-type, one that brings a
// command by its whole detail-type. An event that no schema describes is wrong.
func Check(event []byte) error {
	var envelope struct {
		DetailType string `json:"detail-type"`
	}
	if err := json.Unmarshal(event, &envelope); err != nil {
		return fmt.Errorf("read the event: %w", err)
	}
	name := envelope.DetailType
	if !strings.HasSuffix(name, ".requested") {
		name, _, _ = strings.Cut(name, ".")
	}
	return check(name, event)
}

// CheckCommand says what is wrong with a command of a kind, refund, cancel or reversal, as a queue takes it without an event around it.
func CheckCommand(kind string, command []byte) error {
	return check(kind+".requested#command", command)
}

func check(name string, data []byte) error {
	schemas, err := compiled()
	if err != nil {
		return err
	}
	schema := schemas[name]
	if schema == nil {
		return fmt.Errorf("docs/events has no schema for %q", name)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("read the event: %w", err)
	}
	if err := schema.Validate(value); err != nil {
		return fmt.Errorf("it is not what docs/events says of %s: %w", name, err)
	}
	return nil
}

// Members lists the members of an operation that docs/events describes.
func Members() ([]string, error) {
	schemas, err := compiled()
	if err != nil {
		return nil, err
	}
	var names []string
	for name := range schemas["operation"].Properties {
		names = append(names, name)
	}
	return names, nil
}
