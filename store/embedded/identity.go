package embedded

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// identity is the user that the children run as.
type identity struct {
	name     string
	uid, gid int
	// credential is nil when the children simply run as this process does.
	credential *syscall.Credential
}

// childIdentity is this user or, for root, whom Postgres refuses, the user
// postgres or else nobody.
func childIdentity() identity {
	if os.Geteuid() != 0 {
		return identity{name: userName(os.Geteuid()), uid: os.Geteuid(), gid: os.Getegid()}
	}
	for _, name := range []string{"postgres", "_postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(account.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(account.Gid, 10, 32)
		if uidErr == nil && gidErr == nil && uid != 0 {
			return impersonate(int(uid), int(gid))
		}
	}
	return impersonate(65534, 65534)
}

// owning returns the identity to run data with that already has an owner: root
// can become any user, so it takes up what an ordinary user began.
func (id identity) owning(info fs.FileInfo) identity {
	uid, gid := ownerOf(info)
	if id.credential == nil || uid == 0 || uid == id.uid {
		return id
	}
	return impersonate(uid, gid)
}

// ownerOf returns the user and group that a file belongs to.
func ownerOf(info fs.FileInfo) (uid, gid int) {
	// Every system this package is built for has this type here.
	owner := info.Sys().(*syscall.Stat_t)
	return int(owner.Uid), int(owner.Gid)
}

func impersonate(uid, gid int) identity {
	return identity{
		name: userName(uid), uid: uid, gid: gid,
		credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)},
	}
}

func userName(uid int) string {
	if account, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return account.Username
	}
	return "uid " + strconv.Itoa(uid)
}

// own gives a file or directory of ours to the children's user.
func (id identity) own(path string) error {
	if id.credential == nil {
		return nil
	}
	return os.Chown(path, id.uid, id.gid)
}

// mkdir makes a directory that only the children's user (and root) can enter.
func (id identity) mkdir(path string) error {
	if err := os.Mkdir(path, 0o700); err != nil {
		return err
	}
	return id.own(path)
}

// closedError says which directory on the way to a path the children's user may
// not enter.
type closedError struct {
	user, dir string
	mode      fs.FileMode
}

func (e *closedError) Error() string {
	return fmt.Sprintf("user %s may not enter %s (mode %04o)", e.user, e.dir, e.mode.Perm())
}

// enter reports whether the children's user can pass through every directory
// down to path, which exists; a *closedError names the one that is closed. It
// reads mode bits, as ACLs that say otherwise are rare on the way to a home.
func (id identity) enter(path string) error {
	if id.credential == nil {
		return nil
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	for dir := real; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		if !id.mayEnter(info) {
			return &closedError{user: id.name, dir: dir, mode: info.Mode()}
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

func (id identity) mayEnter(info fs.FileInfo) bool {
	uid, gid := ownerOf(info)
	mode := info.Mode().Perm()
	switch {
	case uid == id.uid:
		return mode&0o100 != 0
	case gid == id.gid:
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}
