package reports_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// node is one value of a JSON text whose members keep their order and may stand twice.
type node struct {
	form byte   // '{', '[' or 's' for everything else
	raw  string // of form 's'
	keys []string
	kids []*node
}

func parse(t testing.TB, text string) *node {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	root, err := read(decoder)
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return root
}

func read(d *json.Decoder) (*node, error) {
	token, err := d.Token()
	if err != nil {
		return nil, fmt.Errorf("read a token: %w", err)
	}
	open, nested := token.(json.Delim)
	if !nested {
		raw, err := json.Marshal(token)
		return &node{form: 's', raw: string(raw)}, err
	}
	n := &node{form: byte(open)}
	for d.More() {
		if open == '{' {
			key, err := d.Token()
			if err != nil {
				return nil, fmt.Errorf("read a name: %w", err)
			}
			n.keys = append(n.keys, key.(string))
		}
		kid, err := read(d)
		if err != nil {
			return nil, err
		}
		n.kids = append(n.kids, kid)
	}
	_, err = d.Token()
	return n, err
}

func (n *node) write(out *bytes.Buffer) {
	if n.form == 's' {
		out.WriteString(n.raw)
		return
	}
	out.WriteByte(n.form)
	for i, kid := range n.kids {
		if i > 0 {
			out.WriteByte(',')
		}
		if n.form == '{' {
			out.WriteString(quote(n.keys[i]) + ":")
		}
		kid.write(out)
	}
	out.WriteByte(n.form + 2) // the closing one, for both
}

func (n *node) String() string {
	var out bytes.Buffer
	n.write(&out)
	return out.String()
}

func (n *node) clone() *node {
	next := &node{form: n.form, raw: n.raw, keys: slices.Clone(n.keys)}
	for _, kid := range n.kids {
		next.kids = append(next.kids, kid.clone())
	}
	return next
}

func (n *node) at(path []int) *node {
	for _, i := range path {
		n = n.kids[i]
	}
	return n
}

// places are the paths of everything below n, members and elements alike.
func (n *node) places(path []int) [][]int {
	var found [][]int
	for i, kid := range n.kids {
		here := append(slices.Clone(path), i)
		found = append(found, here)
		found = append(found, kid.places(here)...)
	}
	return found
}

// entries is how many refunds and cancels a report lists.
func (n *node) entries() int {
	found := 0
	if n.form == '{' && slices.ContainsFunc(n.keys, func(k string) bool { return strings.EqualFold(k, "refundPrice") }) {
		found = 1
	}
	for _, kid := range n.kids {
		found += kid.entries()
	}
	return found
}

// name is the path as a reader knows it.
func (n *node) name(path []int) string {
	name := ""
	for _, i := range path {
		if n.form == '{' {
			name += "." + n.keys[i]
		} else {
			name += fmt.Sprintf("[%d]", i)
		}
		n = n.kids[i]
	}
	return strings.TrimPrefix(name, ".")
}

func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic("a string did not marshal: " + err.Error())
	}
	return string(text)
}

func (n *node) text() (string, bool) {
	var s string
	if n.form != 's' || json.Unmarshal([]byte(n.raw), &s) != nil || n.raw == "null" {
		return "", false
	}
	return s, true
}

func (n *node) number() bool { return n.form == 's' && strings.ContainsAny(n.raw[:1], "-0123456789") }

// change is one way to change what stands at place i of a parent. It returns false where it changes nothing.
type change struct {
	name string
	do   func(parent *node, i int) bool
}

// scalar makes a change of the value alone.
func scalar(name string, do func(n *node) (string, bool)) change {
	return change{name, func(parent *node, i int) bool {
		raw, ok := do(parent.kids[i])
		if !ok || raw == parent.kids[i].raw {
			return false
		}
		parent.kids[i] = &node{form: 's', raw: raw}
		return true
	}}
}

func ofText(name string, do func(string) string) change {
	return scalar(name, func(n *node) (string, bool) {
		s, ok := n.text()
		if !ok || s == "" {
			return "", false
		}
		return quote(do(s)), true
	})
}

func ofNumber(name string, do func(string) string) change {
	return scalar(name, func(n *node) (string, bool) {
		if !n.number() {
			return "", false
		}
		return do(n.raw), true
	})
}

// changes are every kind of change: delete, null, empty, duplicate, swap, re-case, rescale, cut and retype.
func changes() []change {
	return []change{
		{"delete", func(p *node, i int) bool {
			p.kids = slices.Delete(p.kids, i, i+1)
			if p.form == '{' {
				p.keys = slices.Delete(p.keys, i, i+1)
			}
			return true
		}},
		scalar("null", func(*node) (string, bool) { return "null", true }),
		{"empty", func(p *node, i int) bool {
			was := p.kids[i].String()
			switch _, text := p.kids[i].text(); {
			case p.kids[i].form != 's':
				p.kids[i] = &node{form: p.kids[i].form}
			case text:
				p.kids[i] = &node{form: 's', raw: `""`}
			default:
				p.kids[i] = &node{form: 's', raw: "0"}
			}
			return p.kids[i].String() != was
		}},
		{"duplicate", func(p *node, i int) bool {
			p.kids = slices.Insert(p.kids, i, p.kids[i].clone())
			if p.form == '{' {
				p.keys = slices.Insert(p.keys, i, p.keys[i])
			}
			return true
		}},
		{"swap", func(p *node, i int) bool {
			j := (i + 1) % len(p.kids)
			if i == j || p.kids[i].String() == p.kids[j].String() {
				return false
			}
			p.kids[i], p.kids[j] = p.kids[j], p.kids[i]
			return true
		}},
		{"name in upper case", func(p *node, i int) bool {
			if p.form != '{' || p.keys[i] == strings.ToUpper(p.keys[i]) {
				return false
			}
			p.keys[i] = strings.ToUpper(p.keys[i])
			return true
		}},
		ofText("upper case", strings.ToUpper),
		ofText("lower case", strings.ToLower),
		ofText("cut in half", func(s string) string { return s[:len(s)/2] }),
		ofText("cut at the end", func(s string) string { return s[:len(s)-1] }),
		ofText("cut at the start", func(s string) string { return s[1:] }),
		ofText("to ten characters", func(s string) string { return s[:min(10, len(s))] }),
		ofText("padded", func(s string) string { return " " + s + " " }),
		ofText("prefixed", func(s string) string { return "iyz-" + s }),
		ofText("slashes for dashes", func(s string) string { return strings.ReplaceAll(s, "-", "/") }),
		ofNumber("ten times", func(s string) string { return times(s, 1) }),
		ofNumber("a tenth", func(s string) string { return times(s, -1) }),
		ofNumber("with zeros", func(s string) string {
			if strings.Contains(s, ".") {
				return s + "000"
			}
			return s + ".000"
		}),
		scalar("retyped", func(n *node) (string, bool) {
			if s, ok := n.text(); ok {
				return s, json.Valid([]byte(s)) && s != ""
			}
			return quote(n.raw), n.form == 's'
		}),
		{"in a list", func(p *node, i int) bool {
			p.kids[i] = &node{form: '[', kids: []*node{p.kids[i]}}
			return true
		}},
		{"an object", func(p *node, i int) bool {
			p.kids[i] = &node{form: '{'}
			return true
		}},
	}
}

// times shifts a decimal number by powers of ten.
func times(s string, shift int) string { return fmt.Sprintf("%se%d", s, shift) }
