package embedded

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// copyTemplate makes a data directory of the template in one step: an
// interrupted copy leaves nothing that looks like a shard. The copy is not
// synced to disk: the kernel does so within seconds, and until then there is
// nothing in it that a --reset would not make again.
func (id identity) copyTemplate(ctx context.Context, t template, dataDir string) error {
	scratch := dataDir + ".new"
	if err := os.RemoveAll(scratch); err != nil {
		return fmt.Errorf("create %s: %w", dataDir, err)
	}
	if err := id.copyTree(ctx, t.data, scratch); err != nil {
		return fmt.Errorf("create %s: %w", dataDir, err)
	}
	if err := os.Rename(scratch, dataDir); err != nil {
		return fmt.Errorf("create %s: %w", dataDir, err)
	}
	return nil
}

func (id identity) copyTree(ctx context.Context, from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		if entry.IsDir() {
			return id.mkdir(target)
		}
		return id.copyFile(path, target)
	})
}

// copyFile lets the kernel copy, or share the blocks where the file system can.
func (id identity) copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer target.Close()
	if _, err := io.Copy(target, source); err != nil {
		return err
	}
	if id.credential != nil {
		if err := target.Chown(id.uid, id.gid); err != nil {
			return err
		}
	}
	return target.Close()
}
