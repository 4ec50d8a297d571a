package iyzicotest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/shopspring/decimal"
)

// object is a JSON object that keeps its members in order, as iyzico's examples show them.
type object []member

type member struct {
	name  string
	value any
}

// amount goes out as a JSON number with eight decimals, zero as 0E-8, as iyzico writes them (docs/iyzico.md P4); what has more
// decimals, a sum in floating point, with all of them.
type amount decimal.Decimal

// number goes out as a JSON number: ids where iyzico sends them so.
type number string

func (o *object) add(name string, value any) { *o = append(*o, member{name, value}) }

// addText adds a text that is left out when empty.
func (o *object) addText(name, value string) {
	if value != "" {
		o.add(name, value)
	}
}

func (o object) value(name string) (any, bool) {
	for _, m := range o {
		if m.name == name {
			return m.value, true
		}
	}
	return nil, false
}

// replace gives the object with another value for a member that it has.
func (o object) replace(name string, value any) object {
	changed := append(object(nil), o...)
	for i := range changed {
		if changed[i].name == name {
			changed[i].value = value
		}
	}
	return changed
}

func (o object) without(names ...string) object {
	kept := make(object, 0, len(o))
next:
	for _, m := range o {
		for _, name := range names {
			if m.name == name {
				continue next
			}
		}
		kept = append(kept, m)
	}
	return kept
}

// text is a member's value as it goes into a response signature: amounts without trailing zeros and exponent, a missing
// one as the empty string (docs/iyzico.md §6).
func (o object) text(name string) string {
	value, _ := o.value(name)
	switch v := value.(type) {
	case string:
		return v
	case number:
		return string(v)
	case amount:
		return plain(decimal.Decimal(v))
	}
	return ""
}

func plain(d decimal.Decimal) string { return d.String() }

// MarshalJSON writes the members in order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Quote(m.name))
		b.WriteByte(':')
		value, err := encode(m.value)
		if err != nil {
			return nil, fmt.Errorf("encode %s: %w", m.name, err)
		}
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// MarshalJSON writes eight decimals or all there are, zero as 0E-8.
func (a amount) MarshalJSON() ([]byte, error) {
	d := decimal.Decimal(a)
	if d.IsZero() {
		return []byte("0E-8"), nil
	}
	if !d.Equal(d.Truncate(8)) {
		return []byte(d.String()), nil
	}
	return []byte(d.StringFixed(8)), nil
}

// MarshalJSON writes the digits as they are.
func (n number) MarshalJSON() ([]byte, error) { return []byte(n), nil }

// encode is json.Marshal without the escaping of HTML characters, which iyzico does not do.
func encode(value any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
