package dayclose

import "time"

// SchemaVersion is the version of the events' form.
const SchemaVersion = 1

// Event is what is published when a day was closed. A repeat is the same event; consumers drop it by date and closedAt.
type Event struct {
	Source     string    `json:"source"`
	DetailType string    `json:"detail-type"` // day.closed or day.differs
	Time       time.Time `json:"time"`
	Detail     Detail    `json:"detail"`
}

// Detail is the day. It names fewer differences than the day itself does: the rest is read by GET.
type Detail struct {
	Day
	SchemaVersion int `json:"schemaVersion"`
	// Shortened says that not all differences or settled operations are in here.
	Shortened bool `json:"shortened,omitempty"`
}

// MostPublished is how many differences, and settled operations, an event names.
const MostPublished = 200

// EventOf is the event of a day that is closed or differs.
func EventOf(d Day) Event {
	detail := Detail{Day: d, SchemaVersion: SchemaVersion}
	detail.Shortened = d.DifferenceCount > MostPublished || len(d.Settled) > MostPublished
	detail.Differences = append([]Difference{}, d.Differences[:min(len(d.Differences), MostPublished)]...)
	detail.Settled = d.Settled[:min(len(d.Settled), MostPublished)]
	return Event{"iade", "day." + string(d.Status), d.ClosedAt, detail}
}
