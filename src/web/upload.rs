//! Files as they come over HTTP: a form with one file, or a bare body; bounded while reading.

use std::collections::HashMap;

use actix_multipart::Multipart;
use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use futures_util::{StreamExt, TryStreamExt, future::LocalBoxFuture};

use super::{
    Error, csrf,
    errors::{BAD_REQUEST, BODY_TOO_LARGE},
};
use crate::kernel::Problem;

/// Most bytes of a file that is brought: an import of 169,100 members has about 20 MiB.
pub const MOST_FILE_BYTES: usize = 64 << 20;

/// Most bytes of a text field beside the file.
const MOST_FIELD_BYTES: usize = 16 * 1024;
/// Most fields beside the file.
const MOST_FIELDS: usize = 40;

/// A form with one file, whose form token was right.
#[derive(Debug, Default)]
pub struct MultipartFile {
    pub fields: HashMap<String, String>,
    /// The name the file had on the person's machine.
    pub file_name: String,
    /// Empty where no file was chosen.
    pub bytes: Vec<u8>,
}

impl MultipartFile {
    /// The field's text, trimmed; empty where it is missing.
    pub fn get(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", |v| v.trim())
    }
}

impl FromRequest for MultipartFile {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let parts = Multipart::new(request.headers(), payload.take());
        let request = request.clone();
        Box::pin(async move {
            let form = read(parts).await?;
            csrf::check(&request, form.get("csrf"))?;
            Ok(form)
        })
    }
}

async fn read(mut parts: Multipart) -> Result<MultipartFile, Error> {
    let mut form = MultipartFile::default();
    while let Some(mut part) = parts.try_next().await.map_err(|_| Error::from(&BAD_REQUEST))? {
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part.content_disposition().and_then(|d| d.get_filename().map(str::to_owned));
        let limit = if file_name.is_some() { MOST_FILE_BYTES } else { MOST_FIELD_BYTES };
        let mut bytes = Vec::new();
        while let Some(chunk) = part.next().await {
            let chunk = chunk.map_err(|_| Error::from(&BAD_REQUEST))?;
            if bytes.len() + chunk.len() > limit {
                return Err(too_large(file_name.is_some()));
            }
            bytes.extend_from_slice(&chunk);
        }
        match file_name {
            Some(file_name) => {
                form.file_name = file_name;
                form.bytes = bytes;
            }
            None if form.fields.len() < MOST_FIELDS => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                super::plain_text::check(&name, &text)?;
                form.fields.insert(name, text);
            }
            None => return Err((&BAD_REQUEST).into()),
        }
    }
    Ok(form)
}

fn too_large(file: bool) -> Error {
    let detail = if file {
        format!("文件太大，最多 {} MB；请拆成几份再上传", MOST_FILE_BYTES >> 20)
    } else {
        BODY_TOO_LARGE.title.to_owned()
    };
    Problem::new(&BODY_TOO_LARGE, detail).into()
}

/// The bytes of a bare body (`text/csv`, `application/octet-stream`, the XLSX media type): the API's way to bring a file.
#[derive(Debug)]
pub struct RawFile(pub Vec<u8>);

impl FromRequest for RawFile {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = web::Payload::from_request(request, payload).into_inner();
        Box::pin(async move {
            let body = body.map_err(|_| Error::from(&BAD_REQUEST))?;
            let bytes = body.to_bytes_limited(MOST_FILE_BYTES).await.map_err(|_| too_large(true))?;
            Ok(RawFile(bytes.map_err(|_| Error::from(&BAD_REQUEST))?.to_vec()))
        })
    }
}
