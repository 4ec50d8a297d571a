package ingress

// Fault is one thing in a request that is not as it should be: an element of a problem's errors.
type Fault struct {
	// Field is the member's path (`amount`, `basketItems[1].price`), a query parameter's name, `Idempotency-Key`, or
	// `body` for a body that cannot be read as a JSON object at all.
	Field string `json:"field"`
	// Message says what is allowed there. It never repeats what was sent.
	Message string `json:"message"`
}

// maxFaults bounds the answer to a body that is nothing but faults.
const maxFaults = 100

// bodyField stands for the whole body in Fault.Field.
const bodyField = "body"

// faults collects every fault of one request, so that a caller mends them all at once.
type faults struct {
	list  []Fault
	total int
}

func (f *faults) add(field, message string) {
	f.total++
	if len(f.list) < maxFaults {
		f.list = append(f.list, Fault{field, message})
	}
}

func (f *faults) none() bool { return f.total == 0 }
