package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"

	"github.com/iade/iade/internal/bulk"
)

// reportFile is a report on its way. It takes its name when it is whole, so an older report stays until then.
type reportFile struct {
	name  string
	draft *os.File
}

// createReport begins the report before anything is sent: a folder that takes no file is found out in time.
func createReport(name string) (*reportFile, error) {
	draft, err := os.OpenFile(name+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create report: %w", err)
	}
	return &reportFile{name, draft}, nil
}

func (r *reportFile) write(f bulk.File, outcomes []bulk.Outcome) error {
	buffered := bufio.NewWriter(r.draft)
	err := bulk.WriteReport(buffered, f, outcomes)
	if err = errors.Join(err, buffered.Flush(), r.draft.Sync(), r.draft.Close()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if err := os.Rename(r.draft.Name(), r.name); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}
