package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// position is how far a stream was published, kept in a file. Sequence numbers mean something within one shard of one
// stream only.
type position struct {
	path   string
	Stream string                   `json:"stream"` // its ARN: another one begins at its beginning
	Shards map[string]shardPosition `json:"shards"`
}

// positionDraft ends the name of the file that replaces the old one.
const positionDraft = ".new"

// shardPosition is how far one shard was published; zero at its beginning.
type shardPosition struct {
	After string `json:"after,omitempty"` // the sequence number of the last record that is published
	Ended bool   `json:"ended,omitempty"` // the shard was closed, and all of it is published
}

// openPosition reads the file. An absent one, or one about another stream, is the beginning of this one: then what the
// stream still holds is published again.
func openPosition(path, stream string) (*position, error) {
	fresh := &position{path: path, Stream: stream, Shards: map[string]shardPosition{}}
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fresh, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read position in stream: %w", err)
	}
	var kept position
	if err := json.Unmarshal(content, &kept); err != nil {
		return nil, fmt.Errorf("read %s: %w: delete it, and the events that the stream still holds come again", path, err)
	}
	if kept.Stream != stream || kept.Shards == nil {
		return fresh, nil
	}
	kept.path = path
	return &kept, nil
}

// move keeps a shard's position, on disk before it returns. After an error the old one holds, perhaps not on disk.
func (p *position) move(shard string, to shardPosition) error {
	before, known := p.Shards[shard]
	p.Shards[shard] = to
	if err := p.write(); err != nil {
		if p.Shards[shard] = before; !known {
			delete(p.Shards, shard)
		}
		return fmt.Errorf("keep position in stream: %w", err)
	}
	return nil
}

// forgetAllBut drops positions in shards that are not in the list; the file follows with the next move.
func (p *position) forgetAllBut(shards []types.Shard) {
	maps.DeleteFunc(p.Shards, func(id string, _ shardPosition) bool {
		return !slices.ContainsFunc(shards, func(s types.Shard) bool { return aws.ToString(s.ShardId) == id })
	})
}

// write replaces the file whole, so that a crash leaves the old one or the new one.
func (p *position) write() error {
	content, err := json.Marshal(p)
	if err != nil {
		return err
	}
	fresh := p.path + positionDraft
	if err := writeSynced(fresh, content); err != nil {
		return err
	}
	if err := os.Rename(fresh, p.path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(p.path))
}

func writeSynced(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}
