package iyzicotest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strings"

	"github.com/shopspring/decimal"
)

// fields is a request's body. Clients send members that iyzico does not know, so nothing is refused for being there.
type fields map[string]any

// amountForm bounds what is taken as an amount: enough for every real one, too small to be costly.
var amountForm = regexp.MustCompile(`^-?\d{1,16}(\.\d{1,20})?$`)

// parseFields reads a JSON object; null and nothing are an empty one, as GET requests of some clients carry them.
func parseFields(body []byte) (fields, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return fields{}, nil
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var f fields
	if err := dec.Decode(&f); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	if f == nil {
		f = fields{}
	}
	return f, nil
}

// text gives a string or number member as text, "" if it is neither or not there.
func (f fields) text(name string) string {
	switch v := f[name].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// amount gives an amount sent as string or number; clients send both (docs/iyzico.md §2.3).
func (f fields) amount(name string) (decimal.Decimal, *Refusal) {
	text := f.text(name)
	if text == "" {
		return decimal.Decimal{}, refuse(CodeFieldMissing)
	}
	if !amountForm.MatchString(text) {
		return decimal.Decimal{}, refuse(CodeInvalidRequest)
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return decimal.Decimal{}, refuse(CodeInvalidRequest)
	}
	return d, nil
}

func (f fields) object(name string) fields {
	o, _ := f[name].(map[string]any)
	return o
}

// list gives the objects of an array member; false if it is no array of objects.
func (f fields) list(name string) ([]fields, bool) {
	values, ok := f[name].([]any)
	if !ok {
		return nil, false
	}
	list := make([]fields, len(values))
	for i, value := range values {
		o, ok := value.(map[string]any)
		if !ok {
			return nil, false
		}
		list[i] = o
	}
	return list, true
}

// require refuses if a member is missing or empty; a dot leads into an object.
func (f fields) require(paths ...string) *Refusal {
	for _, path := range paths {
		holder, name := f, path
		if outer, inner, nested := strings.Cut(path, "."); nested {
			holder, name = f.object(outer), inner
		}
		if holder.text(name) != "" {
			continue
		}
		if name == "callbackUrl" {
			return refuse(CodeCallbackURLMissing)
		}
		return refuse(CodeFieldMissing)
	}
	return nil
}
