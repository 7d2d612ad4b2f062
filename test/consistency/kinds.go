package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"backline/store"
)

// The sorts of registers. %s is the name of the variable with the id.
var (
	artistRow = &kind{
		name: "Artist", query: `node(id: $%s) { ... on Artist { name } }`, parse: row("name"),
		value: func(g *group, id store.ID) string {
			a := g.artist(id)
			return ifHere(a.here, strconv.Quote(a.name))
		},
	}
	artistAgain = &kind{name: "artist", query: `artist(id: $%s) { name }`, parse: row("name"), value: artistRow.value}

	albumRow = &kind{
		name: "Album", query: `album(id: $%s) { title artist { id } }`, parse: row("title", "artist"),
		value: func(g *group, id store.ID) string {
			a := g.album(id)
			return ifHere(a.here, fmt.Sprintf(`%q {"id":"%s"}`, a.title, name(store.KindArtist, a.artist)))
		},
	}
	trackRow = &kind{
		name: "Track", query: `track(id: $%s) { name unitPrice album { id } }`, parse: row("name", "unitPrice", "album"),
		value: func(g *group, id store.ID) string {
			t := g.track(id)
			return ifHere(t.here, fmt.Sprintf(`%q %q {"id":"%s"}`, t.name, decimal(t.cents), name(store.KindAlbum, t.album)))
		},
	}
	playlistRow = &kind{
		name: "Playlist", query: `playlist(id: $%s) { name }`, parse: row("name"),
		value: func(g *group, id store.ID) string { return strconv.Quote(g.playlist(id).name) },
	}

	albumsPage = &kind{
		name: "Artist.albums", query: `artist(id: $%s) { albums(first: 20) { nodes { id title } } }`, parse: below("albums"),
		value: func(g *group, id store.ID) string { return nodes(g.albumsOf(id), album.json) },
	}
	albumsByTitle = &kind{
		name: "Artist.albums by title", query: `artist(id: $%s) { albums(first: 2, orderBy: TITLE_DESC) { nodes { id title } } }`, parse: below("albums"),
		value: func(g *group, id store.ID) string {
			all := g.albumsOf(id)
			slices.SortFunc(all, func(a, b album) int { return cmp.Or(strings.Compare(b.title, a.title), cmp.Compare(a.id, b.id)) })
			return nodes(all[:min(2, len(all))], album.json)
		},
	}
	albumsTotal = &kind{
		name: "Artist.albums#total", query: `artist(id: $%s) { albums(first: 1) { totalCount } }`, parse: below("albums"),
		value: func(g *group, id store.ID) string { return total(len(g.albumsOf(id))) },
	}
	tracksPage = &kind{
		name: "Album.tracks", query: `album(id: $%s) { tracks(first: 20) { nodes { id unitPrice } } }`, parse: below("tracks"),
		value: func(g *group, id store.ID) string {
			return nodes(g.tracksOf(id), func(t track) string {
				return fmt.Sprintf(`{"id":"%s","unitPrice":%q}`, name(store.KindTrack, t.id), decimal(t.cents))
			})
		},
	}
	tracksTotal = &kind{
		name: "Album.tracks#total", query: `album(id: $%s) { tracks(first: 1) { totalCount } }`, parse: below("tracks"),
		value: func(g *group, id store.ID) string { return total(len(g.tracksOf(id))) },
	}
	linksPage = &kind{
		name: "Playlist.tracks", query: `playlist(id: $%s) { tracks(first: 20) { nodes { id } } }`, parse: below("tracks"),
		value: func(g *group, id store.ID) string {
			return nodes(g.playlist(id).inOrder(), func(l link) string { return fmt.Sprintf(`{"id":"%s"}`, name(store.KindTrack, l.track)) })
		},
	}
	linksTotal = &kind{
		name: "Playlist.tracks#total", query: `playlist(id: $%s) { tracks(first: 1) { totalCount } }`, parse: below("tracks"),
		value: func(g *group, id store.ID) string { return total(len(g.playlist(id).links)) },
	}
	artistsPage = &kind{
		name: "Query.artists", query: `artists(first: 20, orderBy: NAME, filter: {nameStartsWith: $%s}) { nodes { id name } }`, parse: row("nodes"),
		value: func(g *group, _ store.ID) string {
			all := g.listed()
			slices.SortFunc(all, func(a, b artist) int { return cmp.Or(strings.Compare(a.name, b.name), cmp.Compare(a.id, b.id)) })
			text := nodes(all, func(a artist) string {
				return fmt.Sprintf(`{"id":"%s","name":%q}`, name(store.KindArtist, a.id), a.name)
			})
			return strings.TrimSuffix(strings.TrimPrefix(text, `{"nodes":`), "}")
		},
	}
	artistsTotal = &kind{
		name: "Query.artists#total", query: `artists(first: 1, filter: {nameStartsWith: $%s}) { totalCount }`, parse: row("totalCount"),
		value: func(g *group, _ store.ID) string { return strconv.Itoa(len(g.listed())) },
	}
)

// searched finds artists who are called "not" something: they never go, so that what is found and what
// is there are of one time. Its order is a matter of ranks.
var searched = &kind{
	name: "Query.search", before: "not ", query: `search(query: $%s, first: 20) { nodes { ... on Artist { id } } }`,
	value: func(g *group, _ store.ID) string {
		var ids []string
		for _, a := range g.artists[:artists] {
			if strings.HasPrefix(a.name, "not ") {
				ids = append(ids, name(store.KindArtist, a.id))
			}
		}
		slices.Sort(ids)
		return strings.Join(ids, " ")
	},
	parse: func(raw json.RawMessage) (string, error) {
		var found struct{ Nodes []struct{ ID string } }
		err := json.Unmarshal(raw, &found)
		ids := make([]string, len(found.Nodes))
		for i, n := range found.Nodes {
			ids[i] = n.ID
		}
		slices.Sort(ids)
		return strings.Join(ids, " "), err
	},
}

// makeRegisters lists all that is read of a group.
func (g *group) makeRegisters() {
	add := func(k store.Kind, id store.ID, kinds ...*kind) {
		for _, of := range kinds {
			r := &register{kind: of, group: g, id: store.NodeID{Kind: k, ID: id}}
			r.current = r.value(g, id)
			r.record(operation{write: true, value: r.current})
			g.registers = append(g.registers, r)
		}
	}
	for i, a := range g.artists {
		add(store.KindArtist, a.id, artistRow, artistAgain)
		if i < artists {
			add(store.KindArtist, a.id, albumsPage, albumsByTitle, albumsTotal)
		}
	}
	for i, a := range g.albums {
		add(store.KindAlbum, a.id, albumRow)
		if i < albums {
			add(store.KindAlbum, a.id, tracksPage, tracksTotal)
		}
	}
	for _, t := range g.tracks {
		add(store.KindTrack, t.id, trackRow)
	}
	for _, p := range g.playlists {
		add(store.KindPlaylist, p.id, playlistRow, linksPage, linksTotal)
	}
	add(store.KindArtist, 0, artistsPage, artistsTotal, searched)
}

// argument is what a register is asked by.
func (r *register) argument() string {
	if r.id.ID == 0 {
		return r.before + r.group.prefix
	}
	return r.id.String()
}

// variable is its declaration.
func (r *register) variable(name string) string {
	if r.id.ID == 0 {
		return "$" + name + ": String!"
	}
	return "$" + name + ": ID!"
}

func (g *group) artist(id store.ID) *artist {
	return &g.artists[slices.IndexFunc(g.artists, func(a artist) bool { return a.id == id })]
}

func (g *group) album(id store.ID) *album {
	return &g.albums[slices.IndexFunc(g.albums, func(a album) bool { return a.id == id })]
}

func (g *group) track(id store.ID) *track {
	return &g.tracks[slices.IndexFunc(g.tracks, func(t track) bool { return t.id == id })]
}

func (g *group) playlist(id store.ID) *playlist {
	return &g.playlists[slices.IndexFunc(g.playlists, func(p playlist) bool { return p.id == id })]
}

func (g *group) albumsOf(id store.ID) (all []album) {
	for _, a := range g.albums {
		if a.here && a.artist == id {
			all = append(all, a)
		}
	}
	return all
}

func (g *group) tracksOf(id store.ID) (all []track) {
	for _, t := range g.tracks {
		if t.here && t.album == id {
			all = append(all, t)
		}
	}
	return all
}

// listed are the artists that a list of the group shows.
func (g *group) listed() (all []artist) {
	for _, a := range g.artists {
		if a.here && strings.HasPrefix(a.name, g.prefix) {
			all = append(all, a)
		}
	}
	return all
}

func (a album) json() string {
	return fmt.Sprintf(`{"id":"%s","title":%q}`, name(store.KindAlbum, a.id), a.title)
}

func name(k store.Kind, id store.ID) string { return store.NodeID{Kind: k, ID: id}.String() }

func ifHere(here bool, text string) string {
	if here {
		return text
	}
	return "null"
}

func total(n int) string { return fmt.Sprintf(`{"totalCount":%d}`, n) }

func nodes[T any](all []T, json func(T) string) string {
	words := make([]string, len(all))
	for i, v := range all {
		words[i] = json(v)
	}
	return `{"nodes":[` + strings.Join(words, ",") + `]}`
}
