//! What a file is by its first bytes, and photos without the place where they were taken. Pure.

crate::text_enum! {
    /// Kinds of files that are taken.
    pub enum MediaType {
        Pdf = "application/pdf" => "PDF",
        Jpeg = "image/jpeg" => "JPG 照片",
        Png = "image/png" => "PNG 图片",
        Docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "Word 文档",
        Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "Excel 表格",
    }
}

impl MediaType {
    /// By content; `None` for everything that is not taken.
    pub fn sniff(bytes: &[u8]) -> Option<MediaType> {
        let holds = |name: &[u8]| bytes.windows(name.len()).take(64 * 1024).any(|w| w == name);
        match bytes {
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(MediaType::Pdf),
            [0xff, 0xd8, 0xff, ..] => Some(MediaType::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(MediaType::Png),
            [b'P', b'K', 3, 4, ..] if holds(b"word/") => Some(MediaType::Docx),
            [b'P', b'K', 3, 4, ..] if holds(b"xl/") => Some(MediaType::Xlsx),
            _ => None,
        }
    }

    pub fn is_picture(self) -> bool {
        matches!(self, MediaType::Jpeg | MediaType::Png)
    }
}

/// A JPEG without its APP1 to APP13 segments and comments (EXIF with place and device, XMP, IPTC). Colour (APP14) and the
/// picture itself stay byte for byte. A file that is no well-formed JPEG up to its picture data comes back as it was.
pub fn without_place(jpeg: Vec<u8>) -> Vec<u8> {
    strip(&jpeg).unwrap_or(jpeg)
}

fn strip(jpeg: &[u8]) -> Option<Vec<u8>> {
    let mut out = jpeg.get(..2)?.to_vec();
    let mut at = 2;
    loop {
        let marker = *jpeg.get(at + 1)?;
        if *jpeg.get(at)? != 0xff {
            return None;
        }
        // Start of scan: the picture data follows to the end.
        if marker == 0xda {
            out.extend_from_slice(jpeg.get(at..)?);
            return Some(out);
        }
        let length = usize::from(u16::from_be_bytes([*jpeg.get(at + 2)?, *jpeg.get(at + 3)?]));
        let segment = jpeg.get(at..at + 2 + length)?;
        if !matches!(marker, 0xe1..=0xed | 0xfe) {
            out.extend_from_slice(segment);
        }
        at += 2 + length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len() + 2).expect("short").to_be_bytes();
        [&[0xff, marker], &length[..], content].concat()
    }

    #[test]
    fn a_photo_loses_its_place_and_keeps_its_picture() {
        let scan = [0xff, 0xda, 0, 4, 1, 2, 9, 9, 9, 0xff, 0xd9];
        let photo = [
            &[0xff, 0xd8][..],
            &segment(0xe0, b"JFIF"),
            &segment(0xe1, b"Exif GPS 22.6N"),
            &segment(0xee, b"Adobe"),
            &scan,
        ]
        .concat();
        let plain = without_place(photo.clone());
        assert_eq!(MediaType::sniff(&plain), Some(MediaType::Jpeg));
        assert!(photo.windows(3).any(|w| w == b"GPS") && !plain.windows(3).any(|w| w == b"GPS"));
        assert!(plain.ends_with(&scan) && plain.windows(5).any(|w| w == b"Adobe"));
        let odd = vec![0xff, 0xd8, 0xff, 0xe1, 0xff];
        assert_eq!(without_place(odd.clone()), odd);
    }

    #[test]
    fn a_name_does_not_make_a_file() {
        assert_eq!(MediaType::sniff(b"MZ\x90\x00 setup.pdf"), None);
        assert_eq!(MediaType::sniff(b"<svg onload="), None);
        assert_eq!(MediaType::sniff(b""), None);
    }
}
