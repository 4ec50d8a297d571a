package ingress

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep objects and arrays may be nested, the body itself being the first level. The deepest body that
// the API knows needs three.
const maxDepth = 8

// maxNameInPath bounds what an unknown member's name takes in a Fault.Field, in characters.
const maxNameInPath = 64

type nodeKind int

const (
	nullNode nodeKind = iota
	boolNode
	numberNode
	textNode
	arrayNode
	objectNode
)

// node is one JSON value. Numbers keep the text in which they were written: an amount never passes through a float.
type node struct {
	kind    nodeKind
	text    string // a text's value, a number's literal
	flag    bool
	members []member // in the order of the body, each name once

	elements []node // of an array
}

type member struct {
	name  string
	value node
}

func (n *node) member(name string) *node {
	for i := range n.members {
		if n.members[i].name == name {
			return &n.members[i].value
		}
	}
	return nil
}

// readObject reads a body that must be exactly one JSON object: valid UTF-8, no member twice at any depth, nothing after
// it. It adds every fault that it meets and returns false when there is no object to look into.
func readObject(body []byte, f *faults) (node, bool) {
	if message := notJSON(body); message != "" {
		f.add(bodyField, message)
		return node{}, false
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	root, err := (&documentReader{decoder, f}).value("", 1)
	if err != nil {
		f.add(bodyField, "must be one JSON object")
		return node{}, false
	}
	if root.kind != objectNode {
		f.add(bodyField, "must be a JSON object")
		return node{}, false
	}
	return root, true
}

// notJSON says why body is not JSON text, or nothing if it is.
func notJSON(body []byte) string {
	if len(bytes.TrimSpace(body)) == 0 {
		return "must not be empty: a JSON object is needed"
	}
	if !utf8.Valid(body) {
		return "must be valid UTF-8"
	}
	var syntax *json.SyntaxError
	if err := json.Unmarshal(body, new(json.RawMessage)); errors.As(err, &syntax) {
		return fmt.Sprintf("must be one JSON object and nothing after it: byte %d does not fit", syntax.Offset)
	}
	if loneSurrogate(body) {
		return `must escape characters beyond U+FFFF as a pair: a \u escape stands for half a character`
	}
	return ""
}

// loneSurrogate finds a \u escape that is half of a character. encoding/json would silently read another character,
// and two different texts would become the same request. body is JSON text, so every escape is complete.
func loneSurrogate(body []byte) bool {
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		i++
		if body[i] != 'u' {
			continue
		}
		unit := hexUnit(body[i+1 : i+5])
		i += 4
		if !utf16.IsSurrogate(unit) {
			continue
		}
		rest := body[i+1:]
		if !bytes.HasPrefix(rest, []byte(`\u`)) || utf16.DecodeRune(unit, hexUnit(rest[2:6])) == utf8.RuneError {
			return true
		}
		i += 6
	}
	return false
}

// hexUnit reads four hexadecimal digits; what is none reads as no surrogate.
func hexUnit(digits []byte) rune {
	unit, err := strconv.ParseUint(string(digits), 16, 16)
	if err != nil {
		return 0
	}
	return rune(unit)
}

// documentReader builds nodes from text that is already known to be JSON.
type documentReader struct {
	decoder *json.Decoder
	faults  *faults
}

func (r *documentReader) value(path string, depth int) (node, error) {
	token, err := r.decoder.Token()
	if err != nil {
		return node{}, err
	}
	switch t := token.(type) {
	case bool:
		return node{kind: boolNode, flag: t}, nil
	case json.Number:
		return node{kind: numberNode, text: t.String()}, nil
	case string:
		return node{kind: textNode, text: t}, nil
	case json.Delim:
		if depth > maxDepth {
			r.faults.add(path, fmt.Sprintf("must not be nested deeper than %d levels", maxDepth))
			return node{kind: nullNode}, r.skip()
		}
		if t == '[' {
			return r.array(path, depth)
		}
		return r.object(path, depth)
	}
	return node{kind: nullNode}, nil
}

func (r *documentReader) object(path string, depth int) (node, error) {
	object := node{kind: objectNode}
	seen := make(map[string]bool)
	for r.decoder.More() {
		token, err := r.decoder.Token()
		if err != nil {
			return node{}, err
		}
		name, ok := token.(string)
		if !ok {
			return node{}, errors.New("a member without a name")
		}
		at := memberPath(path, name)
		value, err := r.value(at, depth+1)
		if err != nil {
			return node{}, err
		}
		if seen[name] {
			r.faults.add(at, "must be given once")
			continue
		}
		seen[name] = true
		object.members = append(object.members, member{name, value})
	}
	_, err := r.decoder.Token()
	return object, err
}

func (r *documentReader) array(path string, depth int) (node, error) {
	array := node{kind: arrayNode}
	for i := 0; r.decoder.More(); i++ {
		element, err := r.value(fmt.Sprintf("%s[%d]", path, i), depth+1)
		if err != nil {
			return node{}, err
		}
		array.elements = append(array.elements, element)
	}
	_, err := r.decoder.Token()
	return array, err
}

// skip reads to the end of the array or object that was just opened.
func (r *documentReader) skip() error {
	for open := 1; open > 0; {
		token, err := r.decoder.Token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('['), json.Delim('{'):
			open++
		case json.Delim(']'), json.Delim('}'):
			open--
		}
	}
	return nil
}

func memberPath(path, name string) string {
	if name == "" {
		name = `""`
	}
	if utf8.RuneCountInString(name) > maxNameInPath {
		name = string([]rune(name)[:maxNameInPath]) + "…"
	}
	if path == "" {
		return name
	}
	return path + "." + name
}
