//! Papers and photos.

use xiangji::access::Role;

use crate::{
    both_backends,
    support::app::{DURUAN, LONGXI, SHANGXIANG},
};

both_backends!(a_paper_is_kept_and_read_by_its_own_people, |world| {
    world.village(SHANGXIANG, "上巷村股份合作经济联合社");
    world.village(LONGXI, "龙溪村股份合作经济联合社");
    let (clerk, neighbour) = (world.clerk(SHANGXIANG), world.clerk(LONGXI));
    let fields = [("collective_code", SHANGXIANG), ("title", "成员代表大会决议")];
    let made = clerk.upload("/api/v1/documents", &fields, "决议.pdf", b"%PDF-1.7 minutes");
    assert_eq!((made.status, made.json["media_type"].as_str()), (201, Some("application/pdf")), "{made:?}");
    let path = format!("/api/v1/documents/{}/content", made.id());
    let read = clerk.get(&path);
    assert_eq!((read.status, read.text.as_str()), (200, "%PDF-1.7 minutes"));
    assert!(read.header("content-disposition").unwrap().starts_with("attachment"));
    assert_eq!(neighbour.get(&path).status, 404);
    assert_eq!(world.nobody().get(&path).status, 404);
    let public =
        clerk.upload("/api/v1/documents", &[fields[0], fields[1], ("visibility", "public")], "x", b"%PDF-1.7 minutes");
    assert_eq!(world.nobody().get(&format!("/api/v1/documents/{}/content", public.id())).status, 200);
    assert_ne!(public.json["sha256"], made.json["sha256"], "equal papers look different where they are stored");
});

both_backends!(what_is_no_paper_is_refused, |world| {
    world.village(SHANGXIANG, "上巷村股份合作经济联合社");
    let clerk = world.clerk(SHANGXIANG);
    let send = |code: &str, bytes: &[u8]| {
        clerk.upload("/api/v1/documents", &[("collective_code", code), ("title", "照片")], "photo.jpg", bytes)
    };
    assert_eq!(send(SHANGXIANG, b"MZ program").code(), "unknown_file_kind");
    assert_eq!(send(SHANGXIANG, b"").json["fields"][0]["pointer"], "/file");
    assert_eq!(send(LONGXI, b"%PDF-1.7").json["fields"][0]["pointer"], "/collective_code");
    assert_eq!(send(SHANGXIANG, &[&b"%PDF-"[..], &vec![0; 11 << 20]].concat()).status, 422);
    assert_eq!(send(SHANGXIANG, &vec![0; 70 << 20]).status, 413);
    let auditor = world.actor(Role::Auditor, DURUAN, "auditor");
    assert_eq!(auditor.upload("/api/v1/documents", &[], "x", b"").status, 403);
});
