package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/iade/iade/internal/payment"
)

// step is one request of the walk-through, and what it teaches.
type step struct {
	title  string
	why    string
	fake   bool // it goes to the fake iyzico's control side, not to the API
	method string
	path   string
	key    string // the Idempotency-Key
	body   string // JSON without single quotes, so that a shell takes it as it is
	form   string // a form's body in place of body
	takes  []taken
	once   bool // left out on a later walk through the same folder
	until  bool // repeated until the answer is the wanted one
	want   answer
	again  *answer // what comes when the folder was walked through before, where that differs
}

// taken is a value of an answer that later steps use by its name; of a URL with last only the last part.
type taken struct {
	name string
	at   string
	last bool
}

// using puts values that were taken into the step's request.
func (s step) using(values map[string]string) step {
	for name, value := range values {
		s.path, s.form = strings.ReplaceAll(s.path, name, value), strings.ReplaceAll(s.form, name, value)
	}
	return s
}

// take keeps what later steps need of a reply.
func (s step) take(r reply, values map[string]string) error {
	for _, t := range s.takes {
		document, err := parse(r)
		if err != nil {
			return err
		}
		value := lookUp(document, t.at)
		if t.last {
			value = value[strings.LastIndexByte(value, '/')+1:]
		}
		values[t.name] = value
	}
	return nil
}

// answer is what a step expects.
type answer struct {
	status  int
	header  []member
	members []member
	sameAs  string // title of an earlier step of the same run that had the very same body
}

// member is a place in an answer, and its value as text. In a body the place is names, indexes and "#" (how many) with
// dots between; in a header it is the name.
type member struct{ at, value string }

// expected is what the step expects on a first or a later walk through the same folder.
func (s step) expected(walkedBefore bool) answer {
	if walkedBefore && s.again != nil {
		return *s.again
	}
	return s.want
}

// reply is what came.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// check says in which points the reply is not the expected one.
func (a answer) check(r reply, earlier map[string]reply) []string {
	var faults []string
	if r.status != a.status {
		faults = append(faults, fmt.Sprintf("status is %d, not %d", r.status, a.status))
	}
	for _, h := range a.header {
		if got := r.header.Get(h.at); got != h.value {
			faults = append(faults, fmt.Sprintf("header %s is %q, not %q", h.at, got, h.value))
		}
	}
	if len(a.members) > 0 {
		document, err := parse(r)
		if err != nil {
			return append(faults, err.Error())
		}
		for _, m := range a.members {
			if got := lookUp(document, m.at); got != m.value {
				faults = append(faults, fmt.Sprintf("%s is %q, not %q", m.at, got, m.value))
			}
		}
	}
	if a.sameAs != "" && string(r.body) != string(earlier[a.sameAs].body) {
		faults = append(faults, fmt.Sprintf("the answer is not that of %q", a.sameAs))
	}
	return faults
}

// parse reads a body; lines of JSON become an array.
func parse(r reply) (any, error) {
	decoder := json.NewDecoder(strings.NewReader(string(r.body)))
	decoder.UseNumber()
	if r.header.Get("Content-Type") != "application/x-ndjson" {
		var document any
		if err := decoder.Decode(&document); err != nil {
			return nil, fmt.Errorf("the answer is not JSON: %w", err)
		}
		return document, nil
	}
	lines := []any{}
	for decoder.More() {
		var line any
		if err := decoder.Decode(&line); err != nil {
			return nil, fmt.Errorf("line %d is not JSON: %w", len(lines)+1, err)
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// lookUp gives the value at a place, as text; "(nothing)" if there is none.
func lookUp(document any, at string) string {
	for _, name := range strings.Split(at, ".") {
		switch here := document.(type) {
		case map[string]any:
			document = here[name]
		case []any:
			i, err := strconv.Atoi(name)
			switch {
			case name == "#":
				document = json.Number(strconv.Itoa(len(here)))
			case err == nil && i >= 0 && i < len(here):
				document = here[i]
			default:
				document = nil
			}
		default:
			document = nil
		}
	}
	switch value := document.(type) {
	case nil:
		return "(nothing)"
	case string:
		return value
	case json.Number:
		return value.String()
	}
	return fmt.Sprint(document)
}

// operationPath is where the operation of a step can be read: its id is made of payment and key.
func operationPath(kind payment.Kind, paymentID, key string) string {
	return kind.Path() + payment.Command{Kind: kind, PaymentID: paymentID, Key: key}.OperationID()
}
