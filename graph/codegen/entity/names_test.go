package entity

import "testing"

func TestNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"name": "name", "unitPrice": "unit_price", "URL": "url", "imageURL": "image_url", "URLOfImage": "url_of_image", "line2": "line2",
	} {
		if got := snake(name); got != want {
			t.Errorf("snake(%s) = %s, want %s", name, got, want)
		}
	}
	for name, want := range map[string]string{
		"Album": "Albums", "Category": "Categories", "Day": "Days", "Bus": "Buses", "Box": "Boxes", "Branch": "Branches", "Wish": "Wishes", "Y": "Ys",
	} {
		if got := plural(name); got != want {
			t.Errorf("plural(%s) = %s, want %s", name, got, want)
		}
	}
}
