package payment

// SchemaVersion is the version of the events' form.
const SchemaVersion = 1

// EventSource is the `source` of every event that iade publishes.
const EventSource = "iade"

// Change is one event to publish (I8). Consumers drop repeats by the resource's id and Sequence.
type Change struct {
	DetailType string
	Detail     Detail
}

// Detail is the event's body: the resource, the account's version of that write (after a restore of the table a larger
// number, never a smaller one) and the caller's key.
type Detail struct {
	Resource
	SchemaVersion  int    `json:"schemaVersion"`
	Sequence       int64  `json:"sequence"`
	IdempotencyKey string `json:"idempotencyKey"`
	// Shortened says that the bus could not carry the whole resource: what is missing is read by GET.
	Shortened bool `json:"shortened,omitempty"`
}

// Changes compares two images of one account, the newer one last, and gives an event for every operation whose status
// became another one that is published. It is the outbox: the stores only keep the images.
func Changes(old, next Account) []Change {
	before := make(map[string]Status, len(old.Operations))
	for i := range old.Operations {
		before[old.Operations[i].ID] = old.Operations[i].Status()
	}
	var changes []Change
	for i := range next.Operations {
		op := &next.Operations[i]
		status := op.Status()
		if before[op.ID] == status || !status.Published() {
			continue
		}
		changes = append(changes, Change{
			DetailType: string(op.Kind) + "." + string(status),
			Detail:     Detail{Resource: op.Resource(next.PaymentID), SchemaVersion: SchemaVersion, Sequence: next.sequence(), IdempotencyKey: op.Key},
		})
	}
	return changes
}
